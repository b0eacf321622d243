package dev.assay.contract;

import build.buf.protovalidate.ValidationResult;
import build.buf.protovalidate.Validator;
import build.buf.protovalidate.ValidatorFactory;
import build.buf.protovalidate.exceptions.ValidationException;
import build.buf.validate.FieldPath;
import build.buf.validate.FieldPathElement;
import com.google.protobuf.Message;
import dev.assay.job.v1.Violation;
import java.util.List;

/// The constraints of the contracts, checked by the same rules at the gateway, in a worker and for events from
/// outside.
public final class Validation {

    private static final Validator VALIDATOR = ValidatorFactory.newBuilder().build();

    private Validation() {}

    /// Fills in defaults, then checks every constraint.
    ///
    /// @return the message with its defaults
    /// @throws InvalidRequestException naming each field and the bound it breaks
    public static <M extends Message> M accept(M message) {
        M filled = Defaults.filled(message);
        List<Violation> violations = check(filled);
        if (!violations.isEmpty()) {
            throw new InvalidRequestException(violations);
        }
        return filled;
    }

    /// The broken constraints of a message; empty when it is valid. Defaults must be filled in already.
    public static List<Violation> check(Message message) {
        try {
            ValidationResult result = VALIDATOR.validate(message);
            return result.toProto().getViolationsList().stream()
                    .map(v -> Violation.newBuilder()
                            .setField(path(v.getField()))
                            .setMessage(v.getMessage().isEmpty() ? v.getRuleId() : v.getMessage())
                            .build())
                    .toList();
        } catch (ValidationException broken) {
            throw new IllegalStateException(
                    "the constraints of " + message.getDescriptorForType().getFullName() + " do not compile", broken);
        }
    }

    /// `threat[0]`, `rate.large_rate`…
    private static String path(FieldPath path) {
        StringBuilder text = new StringBuilder();
        for (FieldPathElement element : path.getElementsList()) {
            if (!text.isEmpty()) {
                text.append('.');
            }
            text.append(element.getFieldName());
            switch (element.getSubscriptCase()) {
                case INDEX -> text.append('[').append(element.getIndex()).append(']');
                case STRING_KEY ->
                    text.append("[\"").append(element.getStringKey()).append("\"]");
                case INT_KEY -> text.append('[').append(element.getIntKey()).append(']');
                case UINT_KEY -> text.append('[').append(element.getUintKey()).append(']');
                case BOOL_KEY -> text.append('[').append(element.getBoolKey()).append(']');
                case SUBSCRIPT_NOT_SET -> {}
            }
        }
        return text.toString();
    }
}
