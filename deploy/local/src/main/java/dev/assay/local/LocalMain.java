package dev.assay.local;

import dev.assay.computation.ProblemException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// The verbs of `./assay` that look after the mesh on this machine. Exit codes: 0 done, 1 the mesh is not as
/// wished, 2 the request cannot be served as it stands.
final class LocalMain {

    private LocalMain() {}

    public static void main(String[] arguments) throws Exception {
        int code;
        try {
            code = run(List.of(arguments));
        } catch (ProblemException problem) {
            System.err.println("assay: " + problem.oneLine());
            code = 2;
        }
        System.exit(code);
    }

    private static int run(List<String> words) throws Exception {
        String verb = words.isEmpty() ? "" : words.getFirst();
        List<String> rest = words.stream().skip(1).toList();
        HomeFolder home = home();
        Checkout checkout = Checkout.current();
        return switch (verb) {
            case "up" -> {
                Options options = Options.parse(verb, rest, Set.of("--port-base", Options.NO_AOT));
                yield new UpCommand(checkout, home, options).run();
            }
            case "supervise" -> {
                Options options = Options.parse(verb, rest, Set.of("--port-base", Options.NO_AOT));
                yield new SuperviseCommand(checkout, home, options).run();
            }
            case "down" -> {
                Options.parse(verb, rest, Set.of());
                yield new DownCommand(home).run();
            }
            case "status" -> {
                Options options = Options.parse(verb, rest, Set.of(Options.JSON));
                yield new StatusCommand(home).run(options.has(Options.JSON) ? StatusFormat.JSON : StatusFormat.TABLE);
            }
            case "usage" -> {
                Options.parse(verb, rest, Set.of());
                yield new UsageCommand(home).run();
            }
            case "logs" -> {
                Options options = Options.parse(verb, rest, Set.of(Options.FOLLOW, "-n"));
                yield new LogsCommand(home, options).run();
            }
            case "demo" -> {
                Options options = Options.parse(verb, rest, Set.of(Options.NO_AOT));
                yield new DemoCommand(checkout, new HomeFolder(home.root().resolve("demo")), options).run();
            }
            case "train-aot" -> {
                Options.parse(verb, rest, Set.of());
                yield new AotTraining(checkout).run();
            }
            default -> throw new ProblemException("usage", "assay", "no verb \"" + verb + "\"", "see ./assay help");
        };
    }

    /// `ASSAY_HOME`, or `.assay` in the checkout.
    private static HomeFolder home() {
        String chosen = System.getenv("ASSAY_HOME");
        return new HomeFolder(
                chosen == null || chosen.isBlank() ? Checkout.current().root().resolve(".assay") : Path.of(chosen));
    }
}
