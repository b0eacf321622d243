package dev.assay.contract;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;

/// One thing a capability can do, as its contract says: `attack evaluate`.
///
/// @param capability such as `attack`
/// @param name such as `evaluate`, in kebab case
/// @param requestField the operation's field in the capability's request envelope
/// @param resultField the operation's field in the capability's result envelope
/// @param envelope an empty request envelope
/// @param resultEnvelope an empty result envelope
public record Operation(
        String capability,
        String name,
        FieldDescriptor requestField,
        FieldDescriptor resultField,
        Message envelope,
        Message resultEnvelope) {

    public Descriptor request() {
        return requestField.getMessageType();
    }

    public Descriptor result() {
        return resultField.getMessageType();
    }

    public Message.Builder newRequest() {
        return envelope.newBuilderForType().newBuilderForField(requestField);
    }

    public Message.Builder newResult() {
        return resultEnvelope.newBuilderForType().newBuilderForField(resultField);
    }

    /// The request in its capability's envelope, as it travels on `assay.jobs.<capability>`.
    public Message envelope(Message request) {
        return envelope.newBuilderForType().setField(requestField, request).build();
    }

    /// The operation's result inside the capability's result envelope.
    ///
    /// @throws IllegalArgumentException if the envelope holds another operation's result
    public Message resultOf(Message filledEnvelope) {
        if (!filledEnvelope.hasField(resultField)) {
            throw new IllegalArgumentException(
                    filledEnvelope.getDescriptorForType().getFullName() + " holds no result of " + this);
        }
        return (Message) filledEnvelope.getField(resultField);
    }

    /// The request that a job of this operation carries.
    ///
    /// @throws IllegalArgumentException if it cannot be read
    public Message requestFrom(Any packed) {
        return read(newRequest(), packed);
    }

    /// The result that a job of this operation carries.
    ///
    /// @throws IllegalArgumentException if it cannot be read
    public Message resultFrom(Any packed) {
        return read(newResult(), packed);
    }

    private Message read(Message.Builder empty, Any packed) {
        try {
            return empty.mergeFrom(packed.getValue()).build();
        } catch (InvalidProtocolBufferException damaged) {
            throw new IllegalArgumentException("a " + packed.getTypeUrl() + " of " + this + " cannot be read", damaged);
        }
    }

    /// Reads a request envelope of this operation's capability, whichever of its operations it holds.
    public Message parseEnvelope(ByteString bytes) throws InvalidProtocolBufferException {
        return envelope.getParserForType().parseFrom(bytes);
    }

    @Override
    public String toString() {
        return capability + " " + name;
    }
}
