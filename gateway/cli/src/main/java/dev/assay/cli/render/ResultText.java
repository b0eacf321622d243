package dev.assay.cli.render;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import dev.assay.cli.mesh.Answers;
import dev.assay.contract.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Any message of the contracts as text: its values first, then each nested message as a section and each list of
/// messages as a table. What is not set is left out.
public final class ResultText {

    private static final String PROPORTION = "assay.measure.v1.Proportion";
    private static final String ARTIFACT = "assay.artifact.v1.Artifact";
    private static final int LONGEST_LIST = 20;
    private static final String INDENT = "  ";

    private ResultText() {}

    /// Lines, ready to print.
    public static List<String> lines(Message message) {
        List<String> lines = new ArrayList<>();
        append(message, "", lines);
        return List.copyOf(lines);
    }

    private static void append(Message message, String indent, List<String> lines) {
        List<FieldDescriptor> set = message.getDescriptorForType().getFields().stream()
                .filter(field -> isSet(message, field))
                .toList();
        List<FieldDescriptor> values = set.stream().filter(ResultText::isValue).toList();
        int width = values.stream().mapToInt(f -> label(f).length()).max().orElse(0);
        for (FieldDescriptor field : values) {
            lines.add(indent + pad(label(field), width) + INDENT + value(message, field));
        }
        set.stream().filter(field -> !isValue(field)).forEach(field -> section(message, field, indent, lines));
    }

    private static void section(Message message, FieldDescriptor field, String indent, List<String> lines) {
        if (!lines.isEmpty() && indent.isEmpty()) {
            lines.add("");
        }
        lines.add(indent + label(field));
        if (field.isRepeated()) {
            lines.addAll(table(message, field).lines(indent + INDENT));
        } else {
            append(opened((Message) message.getField(field)), indent + INDENT, lines);
        }
    }

    private static Table table(Message message, FieldDescriptor field) {
        List<FieldDescriptor> columns = field.getMessageType().getFields();
        List<?> elements = (List<?>) message.getField(field);
        List<List<String>> rows = elements.stream()
                .map(Message.class::cast)
                .map(element ->
                        columns.stream().map(column -> cell(element, column)).toList())
                .toList();
        return new Table(columns.stream().map(ResultText::label).toList(), rows);
    }

    /// `-` stands for what is absent.
    private static String cell(Message element, FieldDescriptor field) {
        boolean absent = field.isRepeated()
                ? element.getRepeatedFieldCount(field) == 0
                : field.hasPresence() && !element.hasField(field);
        if (absent) {
            return "-";
        }
        if (field.isRepeated()) {
            return list((List<?>) element.getField(field), field);
        }
        if (field.getJavaType() == JavaType.MESSAGE) {
            Message nested = (Message) element.getField(field);
            return field.getMessageType().getFullName().equals(PROPORTION) ? interval(nested) : messageValue(nested);
        }
        return scalar(field, element.getField(field));
    }

    private static boolean isSet(Message message, FieldDescriptor field) {
        if (field.isRepeated()) {
            return message.getRepeatedFieldCount(field) > 0;
        }
        if (field.hasPresence()) {
            return message.hasField(field);
        }
        return field.getJavaType() != JavaType.STRING || !((String) message.getField(field)).isEmpty();
    }

    /// Whether a field is told in one line.
    private static boolean isValue(FieldDescriptor field) {
        if (field.getJavaType() != JavaType.MESSAGE) {
            return true;
        }
        String type = field.getMessageType().getFullName();
        return !field.isRepeated()
                && (type.equals(PROPORTION)
                        || type.equals(ARTIFACT)
                        || type.startsWith("google.protobuf.") && !type.equals("google.protobuf.Any"));
    }

    private static String value(Message message, FieldDescriptor field) {
        if (field.isRepeated()) {
            return list((List<?>) message.getField(field), field);
        }
        return field.getJavaType() == JavaType.MESSAGE
                ? messageValue((Message) message.getField(field))
                : scalar(field, message.getField(field));
    }

    private static String list(List<?> elements, FieldDescriptor field) {
        String shown = elements.stream()
                .limit(LONGEST_LIST)
                .map(element -> field.getJavaType() == JavaType.MESSAGE
                        ? messageValue((Message) element)
                        : scalar(field, element))
                .collect(Collectors.joining(", "));
        return elements.size() <= LONGEST_LIST ? shown : shown + ", … (" + elements.size() + " in all)";
    }

    private static String messageValue(Message message) {
        return switch (message.getDescriptorForType().getFullName()) {
            case PROPORTION ->
                interval(message) + "  " + whole(message, "successes") + " of " + whole(message, "trials");
            case ARTIFACT ->
                get(message, "digest") + "  " + NumberText.bytes(((Number) get(message, "size")).longValue()) + "  "
                        + get(message, "media_type");
            default -> compact(message);
        };
    }

    /// `0.953 [0.930, 0.969]`.
    private static String interval(Message proportion) {
        return String.format(
                Locale.ROOT,
                "%.3f [%.3f, %.3f]",
                (Double) get(proportion, "estimate"),
                (Double) get(proportion, "low"),
                (Double) get(proportion, "high"));
    }

    private static String whole(Message message, String field) {
        return Integer.toUnsignedString((Integer) get(message, field));
    }

    private static Object get(Message message, String field) {
        return message.getField(message.getDescriptorForType().findFieldByName(field));
    }

    /// Well-known types have a JSON form that people can read, such as `2026-01-31T12:00:00Z`.
    private static String compact(Message message) {
        String json = Json.printCompact(message);
        return json.startsWith("\"") && json.endsWith("\"") ? json.substring(1, json.length() - 1) : json;
    }

    /// A message that only a newer contract knows is shown as the bytes that arrived.
    private static Message opened(Message message) {
        return message instanceof Any any ? Answers.opened(any).orElse(any) : message;
    }

    private static String scalar(FieldDescriptor field, Object value) {
        return switch (field.getJavaType()) {
            case INT -> isUnsigned(field) ? Integer.toUnsignedString((Integer) value) : value.toString();
            case LONG -> isUnsigned(field) ? Long.toUnsignedString((Long) value) : value.toString();
            case FLOAT, DOUBLE -> NumberText.of(((Number) value).doubleValue());
            case BOOLEAN, STRING -> value.toString();
            case ENUM ->
                ((EnumValueDescriptor) value).getName().toLowerCase(Locale.ROOT).replace('_', ' ');
            case BYTE_STRING -> NumberText.bytes(((ByteString) value).size());
            case MESSAGE -> throw new IllegalArgumentException(field.getFullName() + " is no scalar");
        };
    }

    private static boolean isUnsigned(FieldDescriptor field) {
        return switch (field.getType()) {
            case UINT32, UINT64, FIXED32, FIXED64 -> true;
            default -> false; // a closed list of four: all other types have a sign or are no integers
        };
    }

    private static String label(FieldDescriptor field) {
        return field.getName().replace('_', ' ');
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(width - text.length());
    }
}
