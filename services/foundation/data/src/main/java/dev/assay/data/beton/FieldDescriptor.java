package dev.assay.data.beton;

import static dev.assay.data.beton.BetonLayout.I64;

import dev.assay.computation.ProblemException;
import dev.assay.data.beton.BetonField.ArrayField;
import dev.assay.data.beton.BetonField.ArrayField.Flavour;
import dev.assay.data.beton.BetonField.BytesField;
import dev.assay.data.beton.BetonField.FloatField;
import dev.assay.data.beton.BetonField.ImageField;
import dev.assay.data.beton.BetonField.IntField;
import dev.assay.data.beton.BetonField.JsonField;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A field as 1041 bytes of the file: `u8 type, 16 bytes name, 1024 bytes arguments`.
final class FieldDescriptor {

    private static final int NAME_OFFSET = 1;
    private static final int ARGUMENT_OFFSET = NAME_OFFSET + BetonField.MAXIMUM_NAME_BYTES;
    private static final int SHAPE_DIMENSIONS = 32;
    private static final int TYPE_LENGTH_OFFSET = ARGUMENT_OFFSET + SHAPE_DIMENSIONS * Long.BYTES;
    private static final int TYPE_OFFSET = TYPE_LENGTH_OFFSET + Long.BYTES;
    private static final int MAXIMUM_TYPE_BYTES = BetonLayout.DESCRIPTOR_BYTES - TYPE_OFFSET;

    /// numpy's list of a structure's fields, of which there is one without a name: `[["", "<f4"]]`.
    private static final Pattern ARRAY_TYPE = Pattern.compile("\\[\\s*\\[\\s*\"\"\\s*,\\s*\"([^\"]+)\"\\s*]\\s*]");

    private FieldDescriptor() {}

    /// @param offset of the descriptor in the file, for messages
    static BetonField read(MemorySegment descriptor, long offset, String subject) {
        String name = name(descriptor, offset, subject);
        int type = Byte.toUnsignedInt(descriptor.get(ValueLayout.JAVA_BYTE, 0));
        return switch (type) {
            case 0 -> new FloatField(name);
            case 1 -> new IntField(name);
            case 2 -> new ImageField(name);
            case 3 -> new BytesField(name);
            case 4 -> array(name, Flavour.NUMPY, descriptor, offset, subject);
            case 5 -> new JsonField(name);
            case 6 -> array(name, Flavour.TORCH, descriptor, offset, subject);
            case 255 ->
                throw new ProblemException(
                        "unsupported-field",
                        subject,
                        "field '%s' at byte %d is of a custom type, which only its own program can read"
                                .formatted(name, offset),
                        "write the data set with FFCV's own types of fields");
            default -> throw Damage.at(offset, subject, "field '%s' is of the unknown type %d".formatted(name, type));
        };
    }

    static void write(BetonField field, MemorySegment descriptor) {
        descriptor.fill((byte) 0);
        descriptor.set(ValueLayout.JAVA_BYTE, 0, (byte) field.typeId());
        text(field.name(), descriptor, NAME_OFFSET);
        if (field instanceof ArrayField array) {
            for (int axis = 0; axis < array.shape().size(); axis++) {
                descriptor.set(
                        I64,
                        ARGUMENT_OFFSET + (long) axis * Long.BYTES,
                        array.shape().get(axis));
            }
            String type = "[[\"\", \"%s\"]]".formatted(array.elements().numpyName());
            descriptor.set(I64, TYPE_LENGTH_OFFSET, type.length());
            text(type, descriptor, TYPE_OFFSET);
        }
    }

    private static String name(MemorySegment descriptor, long offset, String subject) {
        byte[] bytes =
                descriptor.asSlice(NAME_OFFSET, BetonField.MAXIMUM_NAME_BYTES).toArray(ValueLayout.JAVA_BYTE);
        int length = 0;
        while (length < bytes.length && bytes[length] != 0) {
            if (bytes[length] < 0) {
                throw Damage.at(offset + NAME_OFFSET + length, subject, "a field's name is not ASCII");
            }
            length++;
        }
        if (length == 0) {
            throw Damage.at(offset + NAME_OFFSET, subject, "a field has no name");
        }
        return new String(bytes, 0, length, StandardCharsets.US_ASCII);
    }

    private static ArrayField array(
            String name, Flavour flavour, MemorySegment descriptor, long offset, String subject) {
        List<Long> shape = new ArrayList<>();
        for (int axis = 0; axis < SHAPE_DIMENSIONS; axis++) {
            shape.add(descriptor.get(I64, ARGUMENT_OFFSET + (long) axis * Long.BYTES));
        }
        while (!shape.isEmpty() && shape.getLast() == 0) {
            shape.removeLast();
        }
        long length = descriptor.get(I64, TYPE_LENGTH_OFFSET);
        if (length < 0 || length > MAXIMUM_TYPE_BYTES) {
            throw Damage.at(
                    offset + TYPE_LENGTH_OFFSET,
                    subject,
                    "the type of array '%s' is said to take %s bytes; there are %d"
                            .formatted(name, Long.toUnsignedString(length), MAXIMUM_TYPE_BYTES));
        }
        String type = new String(
                descriptor.asSlice(TYPE_OFFSET, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
        Matcher matcher = ARRAY_TYPE.matcher(type);
        if (!matcher.matches()) {
            throw Damage.at(
                    offset + TYPE_OFFSET,
                    subject,
                    "the type of array '%s' is no list of the form [[\"\", \"<f4\"]]".formatted(name));
        }
        ArrayElements elements = ArrayElements.named(matcher.group(1))
                .orElseThrow(() -> new ProblemException(
                        "unsupported-field",
                        subject,
                        "array '%s' at byte %d has elements of the type '%s'"
                                .formatted(name, offset + TYPE_OFFSET, matcher.group(1)),
                        "store booleans, integers or floats of 1 to 8 bytes"));
        if (shape.stream().anyMatch(dimension -> dimension < 0)) {
            throw Damage.at(offset + ARGUMENT_OFFSET, subject, "array '%s' has an absurd shape".formatted(name));
        }
        return new ArrayField(name, elements, shape, flavour);
    }

    private static void text(String text, MemorySegment target, long offset) {
        MemorySegment.copy(
                MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII)), 0, target, offset, text.length());
    }
}
