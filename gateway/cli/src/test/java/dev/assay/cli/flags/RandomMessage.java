package dev.assay.cli.flags;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import dev.assay.artifact.v1.Artifact;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/// Messages of any type with random values, as far as flags can say them: no empty message where its fields are
/// flags.
final class RandomMessage {

    private static final String[] TEXTS = {
        "",
        " ",
        "a",
        "digits-test",
        "--steps",
        "-1",
        "=",
        "a=b",
        "ü ✓",
        "two words",
        "'quoted'",
        "\"",
        "{}",
        "%d",
        "${x}"
    };
    private static final double[] NUMBERS = {0, -0.5, 1, 1e-12, 3.14159, -1e300, Double.MIN_VALUE, Double.MAX_VALUE};

    private final Random random;

    RandomMessage(long seed) {
        this.random = new Random(seed);
    }

    void fill(Message.Builder message) {
        Set<OneofDescriptor> chosen = new HashSet<>();
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            OneofDescriptor oneof = field.getRealContainingOneof();
            if (random.nextBoolean() || oneof != null && !chosen.add(oneof)) {
                continue;
            }
            if (field.isMapField()) {
                fillMap(message, field);
            } else if (field.isRepeated()) {
                for (int i = random.nextInt(4); i > 0; i--) {
                    message.addRepeatedField(field, value(message, field));
                }
            } else {
                message.setField(field, value(message, field));
            }
        }
    }

    private void fillMap(Message.Builder message, FieldDescriptor field) {
        for (String key : new String[] {"a", "key two"}) {
            Message.Builder entry = message.newBuilderForField(field);
            FieldDescriptor value = field.getMessageType().findFieldByNumber(2);
            entry.setField(field.getMessageType().findFieldByNumber(1), key);
            entry.setField(value, value(entry, value));
            message.addRepeatedField(field, entry.build());
        }
    }

    private Object value(Message.Builder owner, FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case INT -> random.nextInt();
            case LONG -> random.nextLong();
            case FLOAT -> random.nextFloat();
            case DOUBLE -> NUMBERS[random.nextInt(NUMBERS.length)];
            case BOOLEAN -> random.nextBoolean();
            case STRING -> text(field);
            case BYTE_STRING -> ByteString.copyFromUtf8(TEXTS[random.nextInt(TEXTS.length)]);
            case ENUM ->
                field.getEnumType()
                        .getValues()
                        .get(random.nextInt(field.getEnumType().getValues().size()));
            case MESSAGE -> message(owner, field);
        };
    }

    /// A comma would separate where the contract gives a form, so only free texts get one.
    private String text(FieldDescriptor field) {
        String text = TEXTS[random.nextInt(TEXTS.length)];
        return field.isRepeated() && !Commas.separate(field) ? text + ", " + text : text;
    }

    private Object message(Message.Builder owner, FieldDescriptor field) {
        return switch (field.getMessageType().getFullName()) {
            case "google.protobuf.Timestamp" ->
                Timestamp.newBuilder().setSeconds(random.nextInt(1 << 30)).build();
            case "google.protobuf.Any" ->
                Any.pack(Artifact.newBuilder().setSize(7).build());
            default -> {
                Message.Builder nested = owner.newBuilderForField(field);
                do {
                    fill(nested);
                } while (nested.getAllFields().isEmpty()
                        && !field.getMessageType().getFields().isEmpty());
                yield nested.build();
            }
        };
    }
}
