package dev.assay.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import dev.assay.artifact.v1.Artifact;
import dev.assay.audit.v1.AuditEntry;
import dev.assay.job.v1.Job;
import dev.assay.measure.v1.Proportion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// A released contract only grows. `released-contracts.txt` has one line per field and enum value of the last
/// release;
/// to
/// release, run this test with `-Dassay.contracts.release=true`, which adds what is new.
class DescriptorCompatibilityTest {

    private static final Path RELEASED = Path.of("src/test/resources/released-contracts.txt");

    @Test
    void everythingReleasedIsStillThereWithItsNumberNameAndType() throws IOException {
        Set<String> current = current();
        Set<String> released = Files.exists(RELEASED) ? new TreeSet<>(Files.readAllLines(RELEASED)) : new TreeSet<>();
        assertThat(current)
                .as(
                        "a removed field stays as `reserved` and is told in the release's notes; a changed one breaks clients")
                .containsAll(released);
        if (Boolean.getBoolean("assay.contracts.release")) {
            Files.write(RELEASED, current);
        } else {
            assertThat(released).as("no contract was released yet").isNotEmpty();
        }
    }

    private static Set<String> current() {
        Set<String> lines = new TreeSet<>();
        Stream.of(
                        Operations.files(),
                        List.of(
                                Job.getDescriptor().getFile(),
                                AuditEntry.getDescriptor().getFile(),
                                Artifact.getDescriptor().getFile(),
                                Proportion.getDescriptor().getFile()))
                .flatMap(Collection::stream)
                .forEach(file -> addFile(file, lines));
        return lines;
    }

    private static void addFile(FileDescriptor file, Set<String> lines) {
        file.getMessageTypes().forEach(message -> addMessage(message, lines));
        file.getEnumTypes().forEach(values -> addEnum(values, lines));
    }

    private static void addMessage(Descriptor message, Set<String> lines) {
        for (FieldDescriptor field : message.getFields()) {
            String type = switch (field.getJavaType()) {
                case MESSAGE -> field.getMessageType().getFullName();
                case ENUM -> field.getEnumType().getFullName();
                default -> field.getType().name().toLowerCase();
            };
            lines.add("%s %d %s %s%s"
                    .formatted(
                            message.getFullName(),
                            field.getNumber(),
                            field.getName(),
                            field.isRepeated() ? "repeated " : "",
                            type));
        }
        message.getNestedTypes().forEach(nested -> addMessage(nested, lines));
        message.getEnumTypes().forEach(values -> addEnum(values, lines));
    }

    private static void addEnum(EnumDescriptor values, Set<String> lines) {
        values.getValues()
                .forEach(value ->
                        lines.add("%s %d %s".formatted(values.getFullName(), value.getNumber(), value.getName())));
    }
}
