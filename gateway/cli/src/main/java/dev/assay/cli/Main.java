package dev.assay.cli;

/// The `assay` command.
public final class Main {

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(new AssayCommand(Console.ofThisProcess()).run(arguments));
    }
}
