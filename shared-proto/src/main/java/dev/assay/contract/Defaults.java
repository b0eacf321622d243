package dev.assay.contract;

import com.google.gson.Gson;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.assay.contract.v1.ContractProto;
import java.util.Optional;

/// Fills in the defaults that a contract declares, so that a result's provenance shows the whole request.
public final class Defaults {

    private static final Gson GSON = new Gson();

    private Defaults() {}

    /// The same message with every absent field that has a default set to it, in nested messages too.
    @SuppressWarnings("unchecked") // the type of a message's copy is the message's type
    public static <M extends Message> M filled(M message) {
        Message.Builder builder = message.toBuilder();
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            if (field.isRepeated()) {
                if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !field.isMapField()) {
                    for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
                        builder.setRepeatedField(field, i, filled((Message) message.getRepeatedField(field, i)));
                    }
                }
            } else if (message.hasField(field)) {
                if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                    builder.setField(field, filled((Message) message.getField(field)));
                }
            } else if (field.hasPresence()) {
                of(field).ifPresent(value -> builder.setField(field, value));
            }
        }
        return (M) builder.build();
    }

    /// The declared default of a field, as protobuf holds it.
    ///
    /// @throws IllegalStateException if the contract's default is not a value of the field
    public static Optional<Object> of(FieldDescriptor field) {
        return json(field).map(text -> value(field, text));
    }

    /// The declared default of a field, as JSON text.
    public static Optional<String> json(FieldDescriptor field) {
        String text = field.getOptions().getExtension(ContractProto.field).getDefault();
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private static Object value(FieldDescriptor field, String json) {
        JsonPrimitive value = GSON.fromJson(json, JsonPrimitive.class);
        return switch (field.getJavaType()) {
            case INT -> value.getAsInt();
            case LONG -> value.getAsLong();
            case FLOAT -> value.getAsFloat();
            case DOUBLE -> value.getAsDouble();
            case BOOLEAN -> value.getAsBoolean();
            case STRING -> value.getAsString();
            case ENUM -> enumValue(field, value.getAsString());
            case BYTE_STRING, MESSAGE -> throw new IllegalStateException("no defaults for " + field.getFullName());
        };
    }

    private static EnumValueDescriptor enumValue(FieldDescriptor field, String name) {
        EnumValueDescriptor value = field.getEnumType().findValueByName(name);
        if (value == null) {
            throw new IllegalStateException("default of " + field.getFullName() + " is no value of its enum: " + name);
        }
        return value;
    }
}
