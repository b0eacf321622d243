package dev.assay.local;

import dev.assay.computation.ProblemException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/// The words after a verb of the launcher.
///
/// @param flags the options given that take no value, as written
/// @param portBase value of `--port-base`
/// @param lines value of `-n`
/// @param operands the rest
record Options(Set<String> flags, OptionalInt portBase, OptionalInt lines, List<String> operands) {

    static final String NO_AOT = "--no-aot";
    static final String JSON = "--json";
    static final String FOLLOW = "-f";
    private static final String PORT_BASE = "--port-base";
    private static final String LINES = "-n";

    Options {
        flags = Set.copyOf(flags);
        operands = List.copyOf(operands);
    }

    /// @param accepted the options that this verb knows
    /// @throws ProblemException `usage` for any other, and for a value that is missing or no number
    static Options parse(String verb, List<String> words, Set<String> accepted) {
        var flags = new HashSet<String>();
        var operands = new ArrayList<String>();
        OptionalInt portBase = OptionalInt.empty();
        OptionalInt lines = OptionalInt.empty();
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (!word.startsWith("-")) {
                operands.add(word);
                continue;
            }
            int equals = word.startsWith("--") ? word.indexOf('=') : -1;
            String name = equals < 0 ? word : word.substring(0, equals);
            if (!accepted.contains(name)) {
                throw usage(verb, "has no option " + name, accepted);
            }
            if (name.equals(PORT_BASE) || name.equals(LINES)) {
                String value = equals >= 0 ? word.substring(equals + 1) : i + 1 < words.size() ? words.get(++i) : "";
                int number = number(verb, name, value);
                if (name.equals(PORT_BASE)) {
                    portBase = OptionalInt.of(number);
                } else {
                    lines = OptionalInt.of(number);
                }
            } else {
                flags.add(name);
            }
        }
        return new Options(flags, portBase, lines, operands);
    }

    boolean has(String flag) {
        return flags.contains(flag);
    }

    /// From the option, else from `ASSAY_PORT_BASE`, else the default.
    PortPlan ports() {
        String variable = System.getenv("ASSAY_PORT_BASE");
        if (portBase.isPresent()) {
            return PortPlan.from(portBase.getAsInt());
        }
        return PortPlan.from(
                variable == null || variable.isBlank()
                        ? PortPlan.DEFAULT_BASE
                        : number("up", "ASSAY_PORT_BASE", variable.strip()));
    }

    private static int number(String verb, String name, String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException notANumber) {
            throw new ProblemException(
                    "usage", verb, name + " wants a number, got \"" + value + "\"", "for example " + name + " 7800");
        }
    }

    private static ProblemException usage(String verb, String detail, Set<String> accepted) {
        return new ProblemException(
                "usage",
                verb,
                detail,
                accepted.isEmpty()
                        ? "it takes none"
                        : "it knows "
                                + String.join(", ", accepted.stream().sorted().toList()));
    }
}
