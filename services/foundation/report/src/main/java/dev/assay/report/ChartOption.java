package dev.assay.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import dev.assay.report.Block.Chart;
import dev.assay.report.Block.Chart.Axis;
import dev.assay.report.Block.Chart.Point;
import dev.assay.report.Block.Chart.Series;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A chart in the words of Apache ECharts. Series differ by symbol as well as by colour.
final class ChartOption {

    private static final Gson GSON = new GsonBuilder().serializeNulls().create();
    private static final List<String> SYMBOLS = List.of("circle", "rect", "triangle", "diamond", "pin", "arrow");

    /// Okabe and Ito's palette, which people with colour-vision deficiencies tell apart.
    private static final List<String> COLOURS =
            List.of("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9");

    private ChartOption() {}

    static String json(Chart chart) {
        Map<String, Object> option = new LinkedHashMap<>();
        option.put("title", Map.of("text", chart.title(), "textStyle", Map.of("fontSize", 14)));
        option.put("color", COLOURS);
        option.put("tooltip", Map.of("trigger", "item"));
        option.put(
                "legend",
                Map.of(
                        "bottom",
                        0,
                        "data",
                        chart.series().stream().map(Series::name).toList()));
        option.put("grid", Map.of("left", 64, "right", 24, "top", 48, "bottom", 72));
        option.put("xAxis", axis(chart.horizontal(), 28));
        option.put("yAxis", axis(chart.vertical(), 44));
        option.put("series", series(chart));
        option.put("aria", Map.of("enabled", true));
        return GSON.toJson(option);
    }

    private static Map<String, Object> axis(Axis axis, int nameGap) {
        Map<String, Object> option = new LinkedHashMap<>();
        option.put("type", "value");
        option.put("name", axis.name());
        option.put("nameLocation", "middle");
        option.put("nameGap", nameGap);
        option.put("scale", true);
        if (!Double.isNaN(axis.low())) {
            option.put("min", axis.low());
        }
        if (!Double.isNaN(axis.high())) {
            option.put("max", axis.high());
        }
        return option;
    }

    private static List<Map<String, Object>> series(Chart chart) {
        List<Map<String, Object>> all = new ArrayList<>();
        for (int i = 0; i < chart.series().size(); i++) {
            Series series = chart.series().get(i);
            String colour = COLOURS.get(i % COLOURS.size());
            if (series.points().stream().anyMatch(p -> p.low() != p.high())) {
                all.add(whiskers(series, colour));
            }
            Map<String, Object> line = line(
                    series.name(),
                    series.points().stream().map(p -> pair(p.x(), p.y())).toList());
            line.put("symbol", SYMBOLS.get(i % SYMBOLS.size()));
            line.put("symbolSize", 8);
            line.put("itemStyle", Map.of("color", colour));
            line.put("lineStyle", Map.of("color", colour));
            if (i == 0 && !chart.spans().isEmpty()) {
                line.put("markArea", spans(chart));
            }
            all.add(line);
        }
        return all;
    }

    /// The intervals as whiskers: one line that is broken after each of them.
    private static Map<String, Object> whiskers(Series series, String colour) {
        List<List<Double>> data = new ArrayList<>();
        for (Point point : series.points()) {
            data.add(pair(point.x(), point.low()));
            data.add(pair(point.x(), point.high()));
            data.add(null);
        }
        Map<String, Object> whiskers = line("", data);
        whiskers.put("symbol", "rect");
        whiskers.put("symbolSize", List.of(10, 2));
        whiskers.put("silent", true);
        whiskers.put("itemStyle", Map.of("color", colour));
        whiskers.put("lineStyle", Map.of("color", colour, "width", 1));
        return whiskers;
    }

    private static Map<String, Object> line(String name, List<List<Double>> data) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("type", "line");
        line.put("name", name);
        line.put("data", data);
        return line;
    }

    private static Map<String, Object> spans(Chart chart) {
        List<List<Map<String, Object>>> areas = new ArrayList<>();
        for (int i = 0; i < chart.spans().size(); i++) {
            var span = chart.spans().get(i);
            double opacity = i % 2 == 0 ? 0.04 : 0.10;
            areas.add(List.of(
                    Map.of(
                            "name",
                            span.name(),
                            "xAxis",
                            span.from(),
                            "itemStyle",
                            Map.of("color", "#808080", "opacity", opacity)),
                    Map.of("xAxis", span.to())));
        }
        return Map.of("silent", true, "data", areas);
    }

    private static List<Double> pair(double x, double y) {
        return List.of(x, y);
    }
}
