package dev.assay.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import dev.assay.report.Block.Chart;
import dev.assay.report.Block.Chart.Axis;
import dev.assay.report.Block.Chart.Point;
import dev.assay.report.Block.Chart.Series;
import dev.assay.report.Block.Chart.Span;
import dev.assay.report.Block.Facts;
import dev.assay.report.Block.Paragraph;
import dev.assay.report.Block.Pictures;
import dev.assay.report.Block.Table;
import java.io.ByteArrayInputStream;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class ReportTest {

    private static final Chart CHART = new Chart(
            "Security curve",
            Axis.named("epsilon"),
            Axis.share("robust accuracy"),
            List.of(new Series("linf", List.of(Point.of(0, 0.98), new Point(0.1, 0.5, 0.45, 0.55)))),
            List.of(new Span("small epsilons", 0, 0.05)));

    private static String html(Block... blocks) {
        return Report.titled("A <b>title</b>", "one line")
                .section("Section", blocks)
                .withResult("{\"note\": \"</script><script>alert(1)</script>\"}")
                .html();
    }

    @Test
    void nothingIsAskedOfANetwork() {
        String html = html(CHART, new Pictures(List.of("clean"), List.of(List.of(picture()))));
        assertThat(html).contains("default-src 'none'");
        assertThat(Pattern.compile("(?:src|href)\\s*=\\s*\"(?!data:)")
                        .matcher(withoutScripts(html))
                        .results())
                .isEmpty();
    }

    @Test
    void textNeverBecomesMarkup() {
        String html = html(new Paragraph("<img src=x onerror=alert(1)>"), Facts.of("<i>", "\"'"));
        assertThat(html).contains("A &lt;b&gt;title&lt;/b&gt;", "&lt;img src=x", "&lt;i&gt;", "&quot;&#39;");
        assertThat(html).doesNotContain("<script>alert(1)");
    }

    @Test
    void theResultInsideIsTheResultGiven() {
        String html = html(new Paragraph("x"));
        var matcher = Pattern.compile("<script type=\"application/json\" id=\"result\">(.*?)</script>", Pattern.DOTALL)
                .matcher(html);
        assertThat(matcher.find()).isTrue();
        assertThat(JsonParser.parseString(matcher.group(1))
                        .getAsJsonObject()
                        .get("note")
                        .getAsString())
                .isEqualTo("</script><script>alert(1)</script>");
    }

    @Test
    void aChartIsDrawnFromItsPointsAndShowsThemAsNumbers() {
        String html = html(CHART);
        var matcher = Pattern.compile("<script type=\"application/json\">(.*?)</script>")
                .matcher(html);
        assertThat(matcher.find()).isTrue();
        var series = JsonParser.parseString(matcher.group(1)).getAsJsonObject().getAsJsonArray("series");
        var line = series.get(series.size() - 1).getAsJsonObject();
        assertThat(line.get("name").getAsString()).isEqualTo("linf");
        assertThat(line.getAsJsonArray("data")).hasSize(2).hasToString("[[0.0,0.98],[0.1,0.5]]");
        var whiskers = series.get(0).getAsJsonObject().getAsJsonArray("data");
        assertThat(whiskers).hasToString("[[0.0,0.98],[0.0,0.98],null,[0.1,0.45],[0.1,0.55],null]");
        assertThat(html).contains("0.980000", "0.450000", "0.550000", "echarts");
    }

    @Test
    void aReportWithoutChartsCarriesNoChartLibrary() {
        assertThat(html(new Paragraph("x")).length()).isLessThan(20_000);
    }

    @Test
    void aPictureKeepsItsPixels() throws Exception {
        String uri = picture().dataUri();
        var image =
                ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(uri.substring(uri.indexOf(',') + 1))));
        assertThat(image.getRGB(0, 0) & 0xFFFFFF).isEqualTo(0x000000);
        assertThat(image.getRGB(1, 0) & 0xFFFFFF).isEqualTo(0x808080);
        assertThat(image.getRGB(0, 1) & 0xFFFFFF).isEqualTo(0xFFFFFF);
        assertThat(image.getRGB(1, 1) & 0xFFFFFF).as("clipped").isEqualTo(0xFFFFFF);
    }

    @Test
    void columnsOfNumbersAreSetFlushRight() {
        String html = html(new Table(List.of("threat", "accuracy"), List.of(List.of("linf:8/255", "0.53"))));
        assertThat(html).contains("<td>linf:8/255</td><td class=\"number\">0.53</td>");
    }

    @Test
    void aTornRowIsRefused() {
        assertThatThrownBy(() -> new Table(List.of("a", "b"), List.of(List.of("1"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 cells");
    }

    private static Picture picture() {
        return Picture.of(new float[] {0, 0.5f, 1, 2}, 1, 2, 2, "clean 7");
    }

    private static String withoutScripts(String html) {
        return html.replaceAll("(?s)<script>.*?</script>", "");
    }
}
