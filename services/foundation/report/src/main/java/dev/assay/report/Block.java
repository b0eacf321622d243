package dev.assay.report;

import java.util.ArrayList;
import java.util.List;

/// A piece of a report.
public sealed interface Block {

    /// Running text.
    record Paragraph(String text) implements Block {}

    /// Names and values, such as a result's provenance.
    record Facts(List<Fact> facts) implements Block {

        public record Fact(String name, String value) {}

        public Facts {
            facts = List.copyOf(facts);
        }

        /// @param namesAndValues name, value, name, value…
        public static Facts of(String... namesAndValues) {
            if (namesAndValues.length % 2 != 0) {
                throw new IllegalArgumentException(
                        "a name without a value: " + namesAndValues[namesAndValues.length - 1]);
            }
            List<Fact> facts = new ArrayList<>();
            for (int i = 0; i < namesAndValues.length; i += 2) {
                facts.add(new Fact(namesAndValues[i], namesAndValues[i + 1]));
            }
            return new Facts(facts);
        }
    }

    /// A table; every row has one cell per column. A column whose cells all begin with a digit, a sign or a
    /// bracket is
    /// set flush right.
    record Table(List<String> columns, List<List<String>> rows) implements Block {
        public Table {
            columns = List.copyOf(columns);
            rows = rows.stream().map(List::copyOf).toList();
            for (List<String> row : rows) {
                if (row.size() != columns.size()) {
                    throw new IllegalArgumentException(
                            "a row of " + row.size() + " cells in a table of " + columns.size() + " columns");
                }
            }
        }
    }

    /// Lines over one horizontal axis, with their numbers in a table beneath.
    ///
    /// @param spans shaded stretches of the horizontal axis, such as the phases of a training
    record Chart(String title, Axis horizontal, Axis vertical, List<Series> series, List<Span> spans) implements Block {

        /// @param low lowest value shown; NaN: chosen from the data
        /// @param high highest value shown; NaN: chosen from the data
        public record Axis(String name, double low, double high) {
            public static Axis named(String name) {
                return new Axis(name, Double.NaN, Double.NaN);
            }

            /// An axis of shares, from 0 to 1.
            public static Axis share(String name) {
                return new Axis(name, 0, 1);
            }
        }

        /// @param points in the order in which the line runs
        public record Series(String name, List<Point> points) {
            public Series {
                points = List.copyOf(points);
            }
        }

        /// @param low lower end of the value's interval; the value itself when it has none
        /// @param high upper end of the value's interval; the value itself when it has none
        public record Point(double x, double y, double low, double high) {
            public static Point of(double x, double y) {
                return new Point(x, y, y, y);
            }
        }

        public record Span(String name, double from, double to) {}

        public Chart {
            series = List.copyOf(series);
            spans = List.copyOf(spans);
        }
    }

    /// Rows of pictures under common headings.
    record Pictures(List<String> columns, List<List<Picture>> rows) implements Block {
        public Pictures {
            columns = List.copyOf(columns);
            rows = rows.stream().map(List::copyOf).toList();
        }
    }
}
