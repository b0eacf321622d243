package dev.assay.contract;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The comments of the .proto files, so that OpenAPI and the command line's help say what the contract says.
public final class Comments {

    /// Written by protoc at build time, with source information.
    private static final String RESOURCE = "/assay-contracts.binpb";

    /// Comment by file and path of field numbers and indices, as SourceCodeInfo has it.
    private static final Map<String, Map<List<Integer>, String>> COMMENTS = read();

    private Comments() {}

    /// What a message is; empty when the contract says nothing.
    public static String of(Descriptor message) {
        return comment(message.getFile(), path(message));
    }

    public static String of(FieldDescriptor field) {
        List<Integer> path = path(field.getContainingType());
        path.add(2); // DescriptorProto.field
        path.add(field.getIndex());
        return comment(field.getFile(), path);
    }

    public static String of(EnumValueDescriptor value) {
        var type = value.getType();
        List<Integer> path;
        if (type.getContainingType() == null) {
            path = new ArrayList<>(List.of(5, type.getIndex())); // FileDescriptorProto.enum_type
        } else {
            path = path(type.getContainingType());
            path.add(4); // DescriptorProto.enum_type
            path.add(type.getIndex());
        }
        path.add(2); // EnumDescriptorProto.value
        path.add(value.getIndex());
        return comment(value.getFile(), path);
    }

    private static List<Integer> path(Descriptor message) {
        Descriptor outer = message.getContainingType();
        if (outer == null) {
            return new ArrayList<>(List.of(4, message.getIndex())); // FileDescriptorProto.message_type
        }
        List<Integer> path = path(outer);
        path.add(3); // DescriptorProto.nested_type
        path.add(message.getIndex());
        return path;
    }

    private static String comment(FileDescriptor file, List<Integer> path) {
        return COMMENTS.getOrDefault(file.getName(), Map.of()).getOrDefault(path, "");
    }

    private static Map<String, Map<List<Integer>, String>> read() {
        try (InputStream stream = Comments.class.getResourceAsStream(RESOURCE)) {
            if (stream == null) {
                throw new IllegalStateException(RESOURCE + " is missing from the class path");
            }
            Map<String, Map<List<Integer>, String>> comments = new HashMap<>();
            for (FileDescriptorProto file : FileDescriptorSet.parseFrom(stream).getFileList()) {
                if (file.getName().startsWith("assay/")) {
                    comments.put(file.getName(), ofFile(file));
                }
            }
            return comments;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static Map<List<Integer>, String> ofFile(FileDescriptorProto file) {
        return file.getSourceCodeInfo().getLocationList().stream()
                .filter(Location::hasLeadingComments)
                .collect(Collectors.toMap(
                        location -> List.copyOf(location.getPathList()),
                        location -> text(location.getLeadingComments()),
                        (first, second) -> first));
    }

    private static String text(String comment) {
        return comment.lines()
                .map(String::strip)
                .collect(Collectors.joining(" "))
                .strip();
    }
}
