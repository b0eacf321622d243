package dev.assay.cli.progress;

import dev.assay.cli.render.NumberText;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntSupplier;

/// One line of a terminal, drawn again and again: what, how far, the metrics that fit, the time since it began.
public final class ProgressBar implements ProgressView {

    private static final String CLEAR_LINE = "\r\u001b[2K";
    private static final Duration BETWEEN_DRAWINGS = Duration.ofMillis(80);
    private static final int LONGEST_BAR = 24;
    private static final int SHORTEST_BAR = 8;

    private final PrintStream out;
    private final IntSupplier columns;
    private final Instant start = Instant.now();
    private Instant drawn = Instant.EPOCH;
    private Moment latest = Moment.of("", "", 0, 0);
    private boolean closed;

    /// @param columns the terminal's width at this moment
    public ProgressBar(PrintStream out, IntSupplier columns) {
        this.out = out;
        this.columns = columns;
    }

    @Override
    public synchronized void show(Moment moment) {
        latest = moment;
        Instant now = Instant.now();
        boolean complete = moment.total() > 0 && moment.done() >= moment.total();
        if (!closed && (complete || Duration.between(drawn, now).compareTo(BETWEEN_DRAWINGS) >= 0)) {
            drawn = now;
            draw();
        }
    }

    @Override
    public synchronized void note(String line) {
        out.print(CLEAR_LINE + line + "\n");
        if (!closed && !latest.task().isEmpty()) {
            draw();
        }
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            out.print(CLEAR_LINE);
            out.flush();
        }
    }

    private void draw() {
        out.print(CLEAR_LINE + line(latest, Duration.between(start, Instant.now()), columns.getAsInt()));
        out.flush();
    }

    /// The line for a terminal of `columns` columns; never wider, so that it is never wrapped.
    static String line(Moment moment, Duration elapsed, int columns) {
        int room = columns - 1;
        String head = (moment.task() + "  " + moment.count()).strip();
        String time = "  %d:%02d".formatted(elapsed.toMinutes(), elapsed.toSecondsPart());
        StringBuilder line = new StringBuilder(head);
        if (moment.total() > 0) {
            int bar = Math.min(LONGEST_BAR, room - head.length() - time.length() - "  100 %".length() - 2);
            if (bar >= SHORTEST_BAR) {
                line.append("  ").append(bar(moment.share(), bar));
            }
            line.append("  %d %%".formatted((int) (100 * moment.share())));
        }
        for (Map.Entry<String, Double> metric : new TreeMap<>(moment.metrics()).entrySet()) {
            String text = "  " + metric.getKey().replace('_', ' ') + " " + NumberText.shortly(metric.getValue());
            if (line.length() + text.length() + time.length() <= room) {
                line.append(text);
            }
        }
        line.append(time);
        return line.length() <= room ? line.toString() : line.substring(0, Math.max(0, room));
    }

    private static String bar(double share, int length) {
        int filled = (int) Math.round(share * length);
        return "━".repeat(filled) + "╌".repeat(length - filled);
    }
}
