package dev.assay.gateway.submission;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Json;
import dev.assay.contract.NearestName;
import dev.assay.contract.Operation;
import dev.assay.contract.Operations;
import dev.assay.contract.Validation;
import dev.assay.gateway.http.LimitedBody;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Makes a checked request of a path and a body.
final class RequestReader {

    static final String PROTOBUF = "application/protobuf";

    /// What protobuf was called before it was registered (RFC 6838 keeps such names as aliases).
    static final String OLD_PROTOBUF = "application/x-protobuf";

    private RequestReader() {}

    /// @throws ProblemException `unknown-capability` or `unknown-operation`, listing the known ones
    static Operation operation(String capability, String name) {
        List<String> capabilities = Operations.capabilities();
        if (!capabilities.contains(capability)) {
            throw new ProblemException(
                    "unknown-capability",
                    "capability",
                    "there is no capability '" + capability + "'",
                    suggestion(capability, "capabilities", capabilities));
        }
        return Operations.find(capability, name).orElseThrow(() -> {
            List<String> names =
                    Operations.of(capability).stream().map(Operation::name).toList();
            return new ProblemException(
                    "unknown-operation",
                    "operation",
                    capability + " has no operation '" + name + "'",
                    suggestion(name, "operations of " + capability, names));
        });
    }

    /// The request that a body holds, with its defaults filled in and its constraints checked.
    ///
    /// @param contentType of the body; JSON unless it says protobuf
    /// @throws ProblemException when the body cannot be read or breaks a constraint
    static Message request(Operation operation, Optional<String> contentType, LimitedBody body) throws IOException {
        Message.Builder request = operation.newRequest();
        if (contentType.filter(RequestReader::isProtobuf).isPresent()) {
            parseProtobuf(body.bytes(), request);
        } else {
            Json.parse(body.text(), request);
        }
        return Validation.accept(request.build());
    }

    private static boolean isProtobuf(String contentType) {
        String type = contentType.split(";", 2)[0].strip();
        return type.equalsIgnoreCase(PROTOBUF) || type.equalsIgnoreCase(OLD_PROTOBUF);
    }

    private static void parseProtobuf(byte[] bytes, Message.Builder request) {
        try {
            request.mergeFrom(bytes);
        } catch (InvalidProtocolBufferException malformed) {
            throw new ProblemException(
                    "malformed-protobuf",
                    "",
                    "the body is not a protobuf message: " + malformed.getMessage(),
                    "send the bytes of a " + request.getDescriptorForType().getFullName(),
                    malformed);
        }
        if (!request.getUnknownFields().asMap().isEmpty()) {
            throw new ProblemException(
                    "unknown-field",
                    "",
                    request.getDescriptorForType().getName() + " has no fields with the numbers "
                            + request.getUnknownFields().asMap().keySet(),
                    "send a " + request.getDescriptorForType().getFullName() + " of this version");
        }
    }

    private static String suggestion(String name, String what, List<String> known) {
        String list = "the " + what + " are " + String.join(", ", known);
        return NearestName.of(name, known)
                .map(nearest -> "did you mean " + nearest + "? " + list)
                .orElse(list);
    }
}
