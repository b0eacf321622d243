package dev.assay.report;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The evidence of a result as one HTML file: text, tables, charts and pictures, readable without a network, with
/// the
/// result's own JSON inside so that the page and the machine-readable answer cannot differ.
///
/// @param title of the page
/// @param subtitle one line beneath it
/// @param sections in order
/// @param resultJson the result message in JSON
public record Report(String title, String subtitle, List<Section> sections, String resultJson) {

    public record Section(String heading, List<Block> blocks) {
        public Section {
            blocks = List.copyOf(blocks);
        }
    }

    public Report {
        sections = List.copyOf(sections);
    }

    public static Builder titled(String title, String subtitle) {
        return new Builder(title, subtitle);
    }

    public String html() {
        return HtmlPage.of(this);
    }

    public byte[] htmlBytes() {
        return html().getBytes(StandardCharsets.UTF_8);
    }

    /// Collects the sections of a report in order.
    public static final class Builder {

        private final String title;
        private final String subtitle;
        private final List<Section> sections = new ArrayList<>();

        private Builder(String title, String subtitle) {
            this.title = title;
            this.subtitle = subtitle;
        }

        public Builder section(String heading, Block... blocks) {
            return section(heading, List.of(blocks));
        }

        public Builder section(String heading, List<Block> blocks) {
            sections.add(new Section(heading, blocks));
            return this;
        }

        public Report withResult(String resultJson) {
            return new Report(title, subtitle, sections, resultJson);
        }
    }
}
