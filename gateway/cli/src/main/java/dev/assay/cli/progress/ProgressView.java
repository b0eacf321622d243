package dev.assay.cli.progress;

/// What the user sees while waiting, on standard error.
public sealed interface ProgressView extends AutoCloseable permits ProgressBar, ProgressLines {

    void show(Moment moment);

    /// A line that stays, such as what is uploaded or why an attempt was repeated.
    void note(String line);

    /// Leaves the terminal clean: nothing is drawn after this.
    @Override
    void close();
}
