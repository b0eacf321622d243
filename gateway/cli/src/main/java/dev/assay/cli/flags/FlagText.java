package dev.assay.cli.flags;

import com.google.gson.JsonPrimitive;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Json;
import dev.assay.contract.NearestName;
import java.math.BigInteger;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;

/// One value of a flag as text, and as protobuf holds it.
final class FlagText {

    private static final BigInteger MAX_UNSIGNED_INT =
            BigInteger.ONE.shiftLeft(32).subtract(BigInteger.ONE);
    private static final BigInteger MAX_UNSIGNED_LONG =
            BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    /// Messages whose JSON is a string; as a flag's value it needs no quotes: `2026-01-31T12:00:00Z`, `1.5s`.
    private static final Set<String> ONE_TEXT =
            Set.of("google.protobuf.Timestamp", "google.protobuf.Duration", "google.protobuf.FieldMask");

    private FlagText() {}

    /// Reads one value; for a repeated field, one element.
    ///
    /// @param empty makes an empty builder of the field's message, where it is one
    /// @throws ProblemException `malformed-flag`, naming the flag, what was found and what would be right
    static Object parse(Flag flag, FieldDescriptor field, String text, Supplier<Message.Builder> empty) {
        return switch (field.getJavaType()) {
            case INT -> integer(flag, field, text).intValue();
            case LONG -> integer(flag, field, text).longValue();
            case FLOAT -> (float) number(flag, text);
            case DOUBLE -> number(flag, text);
            case BOOLEAN -> truth(flag, text);
            case STRING -> text;
            case BYTE_STRING -> bytes(flag, text);
            case ENUM -> enumValue(flag, field.getEnumType(), text);
            case MESSAGE -> message(flag, text, empty.get());
        };
    }

    /// The text that [#parse] reads as `value`.
    static String write(FieldDescriptor field, Object value) {
        return switch (field.getJavaType()) {
            case INT -> isUnsigned(field) ? Integer.toUnsignedString((Integer) value) : value.toString();
            case LONG -> isUnsigned(field) ? Long.toUnsignedString((Long) value) : value.toString();
            case FLOAT, DOUBLE, BOOLEAN, STRING -> value.toString();
            case BYTE_STRING -> Base64.getEncoder().encodeToString(((ByteString) value).toByteArray());
            case ENUM -> kebab(((EnumValueDescriptor) value).getName());
            case MESSAGE -> unquoted(field, Json.printCompact((Message) value));
        };
    }

    static String kebab(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static boolean isUnsigned(FieldDescriptor field) {
        return switch (field.getType()) {
            case UINT32, UINT64, FIXED32, FIXED64 -> true;
            default -> false; // a closed list of four: all other types have a sign or are no integers
        };
    }

    private static BigInteger integer(Flag flag, FieldDescriptor field, String text) {
        boolean isLong = field.getJavaType() == FieldDescriptor.JavaType.LONG;
        BigInteger low =
                isUnsigned(field) ? BigInteger.ZERO : BigInteger.valueOf(isLong ? Long.MIN_VALUE : Integer.MIN_VALUE);
        BigInteger high = isUnsigned(field)
                ? (isLong ? MAX_UNSIGNED_LONG : MAX_UNSIGNED_INT)
                : BigInteger.valueOf(isLong ? Long.MAX_VALUE : Integer.MAX_VALUE);
        BigInteger value;
        try {
            value = new BigInteger(text);
        } catch (NumberFormatException notInteger) {
            throw malformed(flag, text, "is not an integer", "give a whole number, such as 20");
        }
        if (value.compareTo(low) < 0 || value.compareTo(high) > 0) {
            throw malformed(flag, text, "is out of range", "give a whole number from " + low + " to " + high);
        }
        return value;
    }

    private static double number(Flag flag, String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException notNumber) {
            throw malformed(flag, text, "is not a number", "give a number, such as 0.5 or 1e-3");
        }
    }

    private static boolean truth(Flag flag, String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw malformed(flag, text, "is neither true nor false", "give true or false");
        };
    }

    private static ByteString bytes(Flag flag, String text) {
        try {
            return ByteString.copyFrom(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException notBase64) {
            throw malformed(flag, text, "is not base64", "give the bytes in base64");
        }
    }

    private static EnumValueDescriptor enumValue(Flag flag, EnumDescriptor type, String text) {
        String wanted = kebab(text);
        List<String> known =
                type.getValues().stream().map(v -> kebab(v.getName())).toList();
        return type.getValues().stream()
                .filter(v -> kebab(v.getName()).equals(wanted))
                .findFirst()
                .orElseThrow(() -> malformed(
                        flag,
                        text,
                        "is none of " + String.join(", ", known),
                        NearestName.of(wanted, known)
                                .map(nearest -> "did you mean " + nearest + "?")
                                .orElse("give one of these names")));
    }

    private static Message message(Flag flag, String text, Message.Builder empty) {
        if (ONE_TEXT.contains(empty.getDescriptorForType().getFullName())) {
            return oneText(flag, text, empty);
        }
        try {
            Json.parse(text, empty);
            return empty.build();
        } catch (ProblemException wrong) {
            throw new ProblemException("malformed-flag", flag.name(), wrong.detail(), wrong.remedy(), wrong);
        }
    }

    private static Message oneText(Flag flag, String text, Message.Builder empty) {
        try {
            JsonFormat.parser().merge(new JsonPrimitive(text).toString(), empty);
            return empty.build();
        } catch (InvalidProtocolBufferException wrong) {
            String type = empty.getDescriptorForType().getName();
            throw malformed(flag, text, "is no " + type, "give a " + type + " as in protobuf's JSON");
        }
    }

    private static String unquoted(FieldDescriptor field, String json) {
        return ONE_TEXT.contains(field.getMessageType().getFullName()) ? json.substring(1, json.length() - 1) : json;
    }

    static ProblemException malformed(Flag flag, String text, String found, String remedy) {
        return new ProblemException("malformed-flag", flag.name(), "'" + text + "' " + found, remedy);
    }
}
