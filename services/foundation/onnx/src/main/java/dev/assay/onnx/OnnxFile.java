package dev.assay.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.assay.onnx.proto.ModelProto;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// Reads and writes `.onnx` files. A file is memory-mapped, and a {@link TensorData} is a view of it, or of
/// external data, which is mapped too: a file must not change while its graph is in use. Only what lies besides the
/// weights is read into memory, since protobuf has no decoder over mapped memory (4.36). What is read is hostile
/// until checked: sizes before allocation, counts bounded, external data confined to the model's folder.
public final class OnnxFile {

    /// What one protobuf message, hence one `.onnx` file without external data, can hold.
    public static final long LARGEST_FILE = Integer.MAX_VALUE;

    /// Tensors of at least this many bytes move to the side file when there is one.
    private static final long EXTERNAL_FROM = 1024;

    private OnnxFile() {}

    /// Reads a model and the external data beside it.
    ///
    /// @throws MalformedModelException if the file is not an ONNX model or contradicts itself
    /// @throws dev.assay.computation.ProblemException `model-too-large` when an eighth of the heap does not
    ///     hold what is left of it without the weights
    public static Graph read(Path file) throws IOException {
        String name = file.getFileName().toString();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size > LARGEST_FILE) {
                throw new MalformedModelException(
                        "the file has " + size + " bytes; an ONNX file holds at most " + LARGEST_FILE,
                        "store the weights as external data");
            }
            ByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, size);
            Path folder = file.toAbsolutePath().getParent();
            ExternalData elements = new ExternalData.Within(bytes, new ExternalData.Folder(folder));
            return new ModelReader(elements).read(parse(WeightsInPlace.outline(bytes, name)));
        } catch (MalformedModelException e) {
            throw e.in(name);
        }
    }

    /// Reads a model from memory; the buffer is free again afterwards.
    ///
    /// @throws MalformedModelException if the bytes are not an ONNX model, it contradicts itself, or its weights
    /// lie in other files
    public static Graph read(ByteBuffer bytes) {
        return new ModelReader(new ExternalData.None()).read(parse(ByteString.copyFrom(bytes.slice())));
    }

    /// Writes a model into one file.
    ///
    /// @throws MalformedModelException if it does not fit; see {@link #writeWithExternalData}
    public static void write(Graph graph, Path file) throws IOException {
        writeModel(new ModelWriter(new ModelWriter.Inside()).write(graph), file);
    }

    /// Writes a model whose larger tensors lie in one side file named `<file>.data`.
    public static void writeWithExternalData(Graph graph, Path file) throws IOException {
        Path side = file.resolveSibling(file.getFileName() + ".data");
        Path temporary = temporaryFor(side);
        try {
            ModelProto model;
            try (ExternalData.Writer weights =
                    new ExternalData.Writer(temporary, side.getFileName().toString(), EXTERNAL_FROM)) {
                model = new ModelWriter(weights).write(graph);
            }
            Files.move(temporary, side, StandardCopyOption.ATOMIC_MOVE);
            writeModel(model, file);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /// The model as the bytes of an `.onnx` file.
    public static byte[] toBytes(Graph graph) {
        ModelProto model = new ModelWriter(new ModelWriter.Inside()).write(graph);
        requireFits(graph);
        return model.toByteArray();
    }

    private static void writeModel(ModelProto model, Path file) throws IOException {
        Path temporary = temporaryFor(file);
        try {
            try (OutputStream out = Files.newOutputStream(temporary, StandardOpenOption.CREATE_NEW)) {
                model.writeTo(out);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static Path temporaryFor(Path file) {
        return file.resolveSibling(
                "." + file.getFileName() + "." + ProcessHandle.current().pid() + "-" + System.nanoTime() + ".part");
    }

    private static void requireFits(Graph graph) {
        long weights = graph.initializers().values().stream()
                .mapToLong(tensor -> tensor.bytes().remaining())
                .sum();
        if (weights > LARGEST_FILE - (64 << 20)) {
            throw new MalformedModelException(
                    "the model has " + weights + " bytes of weights; an ONNX file holds at most " + LARGEST_FILE,
                    "write it with external data");
        }
    }

    private static ModelProto parse(ByteString content) {
        if (content.isEmpty()) {
            throw new MalformedModelException("the file is empty", "give an ONNX model");
        }
        try {
            MessageCount.requireReasonable(input(content));
            ModelProto model = ModelProto.parser().parseFrom(input(content));
            if (!model.hasGraph() || model.getOpsetImportCount() == 0) {
                throw new MalformedModelException(
                        "the file holds no ONNX model: graph or operator set version are missing",
                        "give a file exported by an ONNX exporter");
            }
            return model;
        } catch (InvalidProtocolBufferException e) {
            throw new MalformedModelException(
                    "", "the file is not an ONNX model or is cut off: " + e.getMessage(), "export the model again", e);
        } catch (IOException e) {
            throw new MalformedModelException("", "the model cannot be read: " + e.getMessage(), "try again", e);
        }
    }

    /// With aliasing, weights are views of the content.
    private static CodedInputStream input(ByteString content) {
        CodedInputStream input = content.newCodedInput();
        input.enableAliasing(true);
        return input;
    }
}
