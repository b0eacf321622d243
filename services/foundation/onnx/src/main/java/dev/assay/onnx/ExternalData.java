package dev.assay.onnx;

import com.google.protobuf.UnsafeByteOperations;
import dev.assay.onnx.proto.StringStringEntryProto;
import dev.assay.onnx.proto.TensorProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/// Tensor elements in files beside the model.
sealed interface ExternalData {

    /// The elements of a tensor that needs `bytes` bytes.
    ByteBuffer read(TensorProto tensor, long bytes);

    /// For models read from memory.
    record None() implements ExternalData {
        @Override
        public ByteBuffer read(TensorProto tensor, long bytes) {
            throw new MalformedModelException(
                    "the tensor '" + tensor.getName() + "' lies in another file",
                    "give the model with its weights inside, or read it from the folder where the data lies");
        }
    }

    /// The model's own file, besides others; see {@link WeightsInPlace}.
    record Within(ByteBuffer model, ExternalData others) implements ExternalData {
        @Override
        public ByteBuffer read(TensorProto tensor, long bytes) {
            Map<String, String> entries = entries(tensor);
            if (!WeightsInPlace.LOCATION.equals(entries.get("location"))) {
                return others.read(tensor, bytes);
            }
            long offset = Folder.number(tensor, entries.getOrDefault("offset", ""));
            if (bytes > model.limit() || offset > model.limit() - bytes) {
                throw Folder.refused(tensor, "lies outside of the model's file");
            }
            return model.slice(Math.toIntExact(offset), Math.toIntExact(bytes));
        }
    }

    private static Map<String, String> entries(TensorProto tensor) {
        Map<String, String> entries = new HashMap<>();
        tensor.getExternalDataList().forEach(entry -> entries.put(entry.getKey(), entry.getValue()));
        return entries;
    }

    /// Files of one folder, and nothing outside of it.
    final class Folder implements ExternalData {

        private final Path folder;
        private final Map<String, Path> confined = new HashMap<>();

        Folder(Path folder) {
            this.folder = folder;
        }

        @Override
        public ByteBuffer read(TensorProto tensor, long bytes) {
            Map<String, String> entries = entries(tensor);
            String location = entries.get("location");
            if (location == null || location.isEmpty()) {
                throw refused(tensor, "names no file for its external data");
            }
            long offset = number(tensor, entries.getOrDefault("offset", "0"));
            long length = entries.containsKey("length") ? number(tensor, entries.get("length")) : bytes;
            if (length != bytes) {
                throw refused(tensor, "needs " + bytes + " bytes, but its external data has length " + length);
            }
            if (bytes > Integer.MAX_VALUE) {
                throw refused(tensor, "has " + bytes + " bytes; one tensor holds at most " + Integer.MAX_VALUE);
            }
            Path file = confined.computeIfAbsent(location, name -> confine(tensor, name));
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                if (offset > channel.size() - bytes) {
                    throw refused(
                            tensor,
                            "lies at byte " + offset + " of '" + location + "', which has only " + channel.size()
                                    + " bytes");
                }
                return channel.map(FileChannel.MapMode.READ_ONLY, offset, bytes);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read external data " + location, e);
            }
        }

        private Path confine(TensorProto tensor, String location) {
            Path relative;
            try {
                relative = Path.of(location);
            } catch (java.nio.file.InvalidPathException e) {
                throw new MalformedModelException(
                        "", "the external data of '" + tensor.getName() + "' has no valid path", REMEDY, e);
            }
            boolean climbs = false;
            for (Path part : relative) {
                climbs |= part.toString().equals("..");
            }
            if (relative.isAbsolute() || climbs) {
                throw refused(tensor, "names external data outside the model's folder: '" + location + "'");
            }
            Path file = folder.resolve(relative);
            try {
                if (!Files.isRegularFile(file)) {
                    throw refused(tensor, "needs the file '" + location + "', which is not there");
                }
                Path real = file.toRealPath();
                if (!real.startsWith(folder.toRealPath())) {
                    throw refused(
                            tensor, "names external data whose link leads out of the model's folder: " + location);
                }
                return real;
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read external data " + location, e);
            }
        }

        private static long number(TensorProto tensor, String text) {
            try {
                long value = Long.parseLong(text);
                if (value >= 0) {
                    return value;
                }
            } catch (NumberFormatException _) {
                // Told below, together with negative numbers.
            }
            throw refused(tensor, "has external data at offset or length '" + text + "'");
        }

        private static final String REMEDY = "external data is a file beside the model, given by a relative path";

        private static MalformedModelException refused(TensorProto tensor, String what) {
            return new MalformedModelException("the tensor '" + tensor.getName() + "' " + what, REMEDY);
        }
    }

    /// Writes the elements of large tensors one after the other into a side file.
    final class Writer implements ModelWriter.Elements, AutoCloseable {

        /// Tensors start at page boundaries, so that they can be mapped one by one.
        private static final long ALIGNMENT = 4096;

        private final FileChannel channel;
        private final String location;
        private final long from;

        Writer(Path file, String location, long from) throws IOException {
            this.channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            this.location = location;
            this.from = from;
        }

        @Override
        public void put(TensorData tensor, TensorProto.Builder into) {
            ByteBuffer bytes = tensor.bytes();
            if (bytes.remaining() < from) {
                into.setRawData(UnsafeByteOperations.unsafeWrap(bytes));
                return;
            }
            try {
                long offset = Math.ceilDiv(channel.size(), ALIGNMENT) * ALIGNMENT;
                int length = bytes.remaining();
                long position = offset;
                while (bytes.hasRemaining()) {
                    position += channel.write(bytes, position);
                }
                into.setDataLocation(TensorProto.DataLocation.EXTERNAL)
                        .addExternalData(entry("location", location))
                        .addExternalData(entry("offset", Long.toString(offset)))
                        .addExternalData(entry("length", Integer.toString(length)));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot write external data " + location, e);
            }
        }

        private static StringStringEntryProto entry(String key, String value) {
            return StringStringEntryProto.newBuilder()
                    .setKey(key)
                    .setValue(value)
                    .build();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
