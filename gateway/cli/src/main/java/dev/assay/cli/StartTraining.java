package dev.assay.cli;

import java.util.ArrayList;
import java.util.List;

/// Shows the JVM what most commands need, for the start-up cache that it writes when this ends: parsing and help, a
/// question to the gateway, results as a table and as JSON. `StartTraining GATEWAY`.
final class StartTraining {

    private StartTraining() {}

    public static void main(String[] arguments) {
        List<String> gateway = List.of(Commands.GATEWAY, arguments[0]);
        var command = new AssayCommand(Console.ofThisProcess());
        command.run("--help");
        command.run("attack", "evaluate", "--help");
        for (List<String> question :
                List.of(List.of("jobs", "list"), List.of("jobs", "list", Commands.JSON), List.of("models", "list"))) {
            var words = new ArrayList<>(question);
            words.addAll(gateway);
            command.run(words.toArray(String[]::new));
        }
    }
}
