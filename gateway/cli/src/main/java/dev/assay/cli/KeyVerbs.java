package dev.assay.cli;

import static dev.assay.cli.Commands.option;
import static dev.assay.cli.Commands.text;

import dev.assay.computation.ProblemException;
import dev.assay.contract.AccessKey;
import dev.assay.contract.Scope;
import dev.assay.contract.Tenant;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// `assay keys …`: keys of a gateway. Needs no gateway.
final class KeyVerbs {

    private static final String NAME = "--name";
    private static final String SCOPES = "--scopes";
    private static final String TENANT = "--tenant";
    private static final String USUAL_SCOPES = "read,submit,register";

    private KeyVerbs() {}

    static CommandSpec command() {
        CommandSpec make = Commands.of(
                "Make a key. It is printed once and kept nowhere; the entry goes into the gateway's file of keys.",
                KeyVerbs::make);
        make.addOption(option(NAME, "<name>", "Whose it is, as logs will say."));
        make.addOption(option(TENANT, "<tenant>", "Whose work it opens: keys of one tenant see nothing of another's."));
        make.addOption(
                option(SCOPES, "<scopes>", "Some of read,submit,register,admin. Default: " + USUAL_SCOPES + "."));
        Map<String, CommandSpec> verbs = new LinkedHashMap<>();
        verbs.put("new", make);
        return Commands.group("Keys of a gateway that is open to others.", verbs);
    }

    private static int make(ParseResult arguments, Session session) {
        String name = text(arguments, NAME)
                .orElseThrow(() -> new ProblemException("usage", "", "keys new needs " + NAME, "say whose key it is"));
        String key = AccessKey.generate();
        String tenant = text(arguments, TENANT).orElse(Tenant.NAMELESS);
        var scopes = Scope.parse(text(arguments, SCOPES).orElse(USUAL_SCOPES));
        var entry = AccessKey.of(name, tenant, scopes, key);
        session.console().print("key    " + key);
        session.console().print("entry  " + entry.line());
        session.console().note("Give the key to its owner (ASSAY_KEY, or Authorization: Bearer …); it is not kept.");
        session.console().note("Add the entry to the file that assay.security.keys-file names.");
        return ExitCode.OK;
    }
}
