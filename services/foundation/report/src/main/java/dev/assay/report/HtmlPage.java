package dev.assay.report;

import dev.assay.report.Block.Chart;
import dev.assay.report.Block.Facts;
import dev.assay.report.Block.Paragraph;
import dev.assay.report.Block.Pictures;
import dev.assay.report.Block.Table;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.IntStream;

/// Writes a report as HTML. Its content security policy allows nothing from outside the file.
final class HtmlPage {

    private static final String POLICY =
            "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

    private HtmlPage() {}

    static String of(Report report) {
        StringBuilder html = new StringBuilder(1 << 20);
        html.append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.append("<meta http-equiv=\"Content-Security-Policy\" content=\"")
                .append(POLICY)
                .append("\">\n");
        html.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        html.append("<title>").append(escape(report.title())).append("</title>\n");
        html.append("<style>").append(resource("/dev/assay/report/report.css")).append("</style>\n</head>\n<body>\n");
        html.append("<h1>").append(escape(report.title())).append("</h1>\n");
        html.append("<p class=\"subtitle\">").append(escape(report.subtitle())).append("</p>\n");
        for (Report.Section section : report.sections()) {
            html.append("<section>\n<h2>").append(escape(section.heading())).append("</h2>\n");
            section.blocks().forEach(block -> append(block, html));
            html.append("</section>\n");
        }
        html.append("<details><summary>The result as JSON</summary><pre>")
                .append(escape(report.resultJson()))
                .append("</pre></details>\n");
        html.append("<script type=\"application/json\" id=\"result\">")
                .append(jsonInside(report.resultJson()))
                .append("</script>\n");
        html.append("<footer>Made by Assay. Charts by Apache ECharts (Apache-2.0), inside this file.</footer>\n");
        boolean hasCharts = report.sections().stream()
                .flatMap(section -> section.blocks().stream())
                .anyMatch(Chart.class::isInstance);
        if (hasCharts) {
            html.append("<script>").append(scriptInside(echarts())).append("</script>\n");
            html.append("<script>")
                    .append(resource("/dev/assay/report/report.js"))
                    .append("</script>\n");
        }
        return html.append("</body>\n</html>\n").toString();
    }

    private static void append(Block block, StringBuilder html) {
        switch (block) {
            case Paragraph paragraph ->
                html.append("<p>").append(escape(paragraph.text())).append("</p>\n");
            case Facts facts -> appendFacts(facts, html);
            case Table table -> appendTable(table, html);
            case Chart chart -> appendChart(chart, html);
            case Pictures pictures -> appendPictures(pictures, html);
        }
    }

    private static void appendFacts(Facts facts, StringBuilder html) {
        html.append("<div class=\"scroll\"><table>\n");
        for (Facts.Fact fact : facts.facts()) {
            html.append("<tr><td class=\"name\">")
                    .append(escape(fact.name()))
                    .append("</td><td><code>")
                    .append(escape(fact.value()))
                    .append("</code></td></tr>\n");
        }
        html.append("</table></div>\n");
    }

    private static void appendTable(Table table, StringBuilder html) {
        List<String> classes = IntStream.range(0, table.columns().size())
                .mapToObj(column ->
                        table.rows().stream().allMatch(row -> isNumber(row.get(column))) ? " class=\"number\"" : "")
                .toList();
        html.append("<div class=\"scroll\"><table>\n<thead><tr>");
        for (int column = 0; column < table.columns().size(); column++) {
            html.append("<th").append(classes.get(column)).append('>');
            html.append(escape(table.columns().get(column))).append("</th>");
        }
        html.append("</tr></thead>\n<tbody>\n");
        for (List<String> row : table.rows()) {
            html.append("<tr>");
            for (int column = 0; column < row.size(); column++) {
                html.append("<td").append(classes.get(column)).append('>');
                html.append(escape(row.get(column))).append("</td>");
            }
            html.append("</tr>\n");
        }
        html.append("</tbody></table></div>\n");
    }

    private static void appendChart(Chart chart, StringBuilder html) {
        html.append("<figure><div class=\"chart\" role=\"img\" aria-label=\"")
                .append(escape(chart.title()))
                .append("\"></div>");
        html.append("<script type=\"application/json\">")
                .append(jsonInside(ChartOption.json(chart)))
                .append("</script>");
        html.append("<details><summary>The numbers of this chart</summary>");
        List<List<String>> rows = new ArrayList<>();
        for (Chart.Series series : chart.series()) {
            for (Chart.Point point : series.points()) {
                rows.add(List.of(
                        series.name(),
                        number(point.x()),
                        number(point.y()),
                        number(point.low()),
                        number(point.high())));
            }
        }
        List<String> columns =
                List.of("series", chart.horizontal().name(), chart.vertical().name(), "low", "high");
        appendTable(new Table(columns, rows), html);
        html.append("</details></figure>\n");
    }

    private static void appendPictures(Pictures pictures, StringBuilder html) {
        html.append("<div class=\"scroll\"><table class=\"pictures\">\n<thead><tr>");
        pictures.columns()
                .forEach(column -> html.append("<th>").append(escape(column)).append("</th>"));
        html.append("</tr></thead>\n<tbody>\n");
        for (List<Picture> row : pictures.rows()) {
            html.append("<tr>");
            for (Picture picture : row) {
                html.append("<td><img src=\"").append(picture.dataUri());
                html.append("\" alt=\"").append(escape(picture.caption())).append("\"><div class=\"caption\">");
                html.append(escape(picture.caption())).append("</div></td>");
            }
            html.append("</tr>\n");
        }
        html.append("</tbody></table></div>\n");
    }

    private static boolean isNumber(String cell) {
        return cell.isEmpty() || "+-−[0123456789.".indexOf(cell.charAt(0)) >= 0;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.6g", value);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /// JSON for a script element, in which no `<` may begin anything.
    private static String jsonInside(String json) {
        return json.replace("<", "\\u003c");
    }

    /// A script element ends at the first `</script`, wherever it stands.
    private static String scriptInside(String script) {
        return script.replace("</", "<\\/");
    }

    private static String echarts() {
        Properties versions = new Properties();
        try {
            versions.load(new StringReader(resource("/dev/assay/report/report.properties")));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return resource("/META-INF/resources/_static/echarts/%s/dist/echarts.common.min.js"
                .formatted(versions.getProperty("echarts.version")));
    }

    private static String resource(String name) {
        try (InputStream stream = HtmlPage.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IllegalStateException(name + " is missing from the class path");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
