package dev.assay.contract;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.assay.contract.v1.ContractProto;
import dev.assay.contract.v1.ReferenceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// The artifact references of a message.
public final class References {

    /// @param field name of the field in the contract
    /// @param value `sha256:…` or a registered name
    /// @param kind what it must name
    public record Reference(String field, String value, ReferenceKind kind) {

        public boolean isDigest() {
            return value.startsWith("sha256:");
        }
    }

    private References() {}

    /// What a field refers to; `REFERENCE_KIND_UNSPECIFIED` when it is no reference.
    public static ReferenceKind kindOf(FieldDescriptor field) {
        return field.getOptions().getExtension(ContractProto.field).getReference();
    }

    /// All references that are set in a request, in the order of its fields.
    public static List<Reference> in(Message message) {
        List<Reference> references = new ArrayList<>();
        resolved(message, reference -> {
            references.add(reference);
            return reference.value();
        });
        return List.copyOf(references);
    }

    /// The same message with every reference replaced by what `resolution` makes of it.
    @SuppressWarnings("unchecked") // the type of a message's copy is the message's type
    public static <M extends Message> M resolved(M message, Function<Reference, String> resolution) {
        Message.Builder builder = message.toBuilder();
        for (FieldDescriptor field : message.getAllFields().keySet()) {
            ReferenceKind kind = kindOf(field);
            if (kind == ReferenceKind.REFERENCE_KIND_UNSPECIFIED) {
                continue;
            }
            if (field.isRepeated()) {
                for (int i = 0; i < message.getRepeatedFieldCount(field); i++) {
                    String value = (String) message.getRepeatedField(field, i);
                    String name = field.getName() + "[" + i + "]";
                    builder.setRepeatedField(field, i, resolution.apply(new Reference(name, value, kind)));
                }
            } else {
                String value = (String) message.getField(field);
                builder.setField(field, resolution.apply(new Reference(field.getName(), value, kind)));
            }
        }
        return (M) builder.build();
    }
}
