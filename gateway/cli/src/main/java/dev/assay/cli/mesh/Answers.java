package dev.assay.cli.mesh;

import com.google.protobuf.Any;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.JsonFormat.TypeRegistry;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Operations;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads the gateway's JSON. Unlike requests, answers may hold fields that this version does not know: a newer
/// gateway
/// stays readable.
public final class Answers {

    private static final TypeRegistry TYPES = types();
    private static final JsonFormat.Parser PARSER =
            JsonFormat.parser().ignoringUnknownFields().usingTypeRegistry(TYPES);

    private Answers() {}

    /// Fills `builder` from `json` and returns it.
    ///
    /// @throws ProblemException `malformed-answer` when that is no such message
    public static <B extends Message.Builder> B read(String json, B builder) {
        try {
            PARSER.merge(json, builder);
            return builder;
        } catch (InvalidProtocolBufferException malformed) {
            throw new ProblemException(
                    "malformed-answer",
                    "",
                    "the gateway's answer is no "
                            + builder.getDescriptorForType().getName() + ": " + malformed.getMessage(),
                    "check that --gateway names an Assay gateway of the same version",
                    malformed);
        }
    }

    /// The message inside an Any; empty when this version does not know its type.
    public static Optional<Message> opened(Any any) {
        try {
            Descriptor type =
                    TYPES.find(any.getTypeUrl().substring(any.getTypeUrl().lastIndexOf('/') + 1));
            return type == null ? Optional.empty() : Optional.of(DynamicMessage.parseFrom(type, any.getValue()));
        } catch (InvalidProtocolBufferException otherVersion) {
            return Optional.empty();
        }
    }

    private static TypeRegistry types() {
        List<Descriptor> known = new ArrayList<>();
        Operations.files().forEach(file -> known.addAll(file.getMessageTypes()));
        return TypeRegistry.newBuilder().add(known).build();
    }
}
