package dev.assay.cli.render;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Rows under headings, aligned; columns of numbers to the right.
///
/// @param headings of the columns
/// @param rows each as long as the headings
public record Table(List<String> headings, List<List<String>> rows) {

    private static final String GAP = "  ";

    public Table {
        int columns = headings.size();
        if (rows.stream().anyMatch(row -> row.size() != columns)) {
            throw new IllegalArgumentException("a row is not " + columns + " cells wide");
        }
        headings = List.copyOf(headings);
        rows = rows.stream().map(List::copyOf).toList();
    }

    /// Lines without trailing spaces.
    public List<String> lines(String indent) {
        List<Integer> widths =
                IntStream.range(0, headings.size()).mapToObj(this::width).toList();
        List<List<String>> all = IntStream.rangeClosed(0, rows.size())
                .mapToObj(i -> i == 0 ? headings : rows.get(i - 1))
                .toList();
        return all.stream().map(row -> indent + line(row, widths)).toList();
    }

    private String line(List<String> row, List<Integer> widths) {
        return IntStream.range(0, row.size())
                .mapToObj(column -> padded(row.get(column), widths.get(column), isNumeric(column)))
                .collect(Collectors.joining(GAP))
                .stripTrailing();
    }

    private int width(int column) {
        return Math.max(
                headings.get(column).length(),
                rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0));
    }

    private boolean isNumeric(int column) {
        return !rows.isEmpty()
                && rows.stream()
                        .map(row -> row.get(column))
                        .allMatch(cell -> cell.equals("-") || cell.matches("-?[0-9.]+(e[-+]?[0-9]+)?"));
    }

    private static String padded(String text, int width, boolean right) {
        String space = " ".repeat(width - text.length());
        return right ? space + text : text + space;
    }
}
