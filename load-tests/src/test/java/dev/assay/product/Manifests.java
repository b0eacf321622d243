package dev.assay.product;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/// The YAML files of a checkout.
final class Manifests {

    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final ObjectMapper JSON = new ObjectMapper();

    /// One document of a file.
    record Document(Path file, JsonNode content) {

        String kind() {
            return content.path("kind").asText();
        }

        String name() {
            return content.at("/metadata/name").asText();
        }

        @Override
        public String toString() {
            return ROOT.relativize(file) + " " + kind() + " " + name();
        }
    }

    private Manifests() {}

    /// Every document of every YAML file below a folder of the checkout.
    static List<Document> under(String folder) throws IOException {
        try (Stream<Path> files = Files.walk(ROOT.resolve(folder))) {
            List<Document> documents = new ArrayList<>();
            for (Path file : files.filter(path -> path.toString().endsWith(".yaml"))
                    .sorted()
                    .toList()) {
                documents.addAll(read(file));
            }
            return documents;
        }
    }

    /// SnakeYAML's own reading, with merge keys and without types that a manifest must not name; a key that stands
    /// there twice is refused.
    static List<Document> read(Path file) throws IOException {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        List<Document> documents = new ArrayList<>();
        for (Object document : new Yaml(new SafeConstructor(options)).loadAll(Files.readString(file))) {
            documents.add(new Document(file, JSON.valueToTree(document)));
        }
        return documents;
    }

    static Document only(List<Document> documents, String kind, String name) {
        List<Document> found = documents.stream()
                .filter(document ->
                        document.kind().equals(kind) && document.name().equals(name))
                .toList();
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " of " + kind + " " + name);
        }
        return found.getFirst();
    }
}
