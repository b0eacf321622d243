package dev.assay.runtime;

import dev.assay.computation.ProblemException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/// numpy's archives of named arrays (.npz), read one array at a time.
///
/// An archive may be hostile: an array that claims to be larger than the caller's bound, or than its compressed
/// bytes could ever yield, is refused before it is unpacked.
public final class Npz implements AutoCloseable {

    /// What an array may take when the caller gives no bound: as much as ONNX Runtime's Java binding takes.
    public static final long DEFAULT_MAXIMUM_ARRAY_BYTES = Integer.MAX_VALUE;

    /// Deflate cannot do better than 1032 to 1 (zlib technical notes), plus its few bytes of framing.
    private static final long MAXIMUM_DEFLATE_RATIO = 1032;

    private static final int MAXIMUM_ARRAYS = 10_000;
    private static final String SUFFIX = ".npy";

    private final ZipFile zip;
    private final Map<String, ZipEntry> entries;
    private final String fileName;
    private final long maximumArrayBytes;

    private Npz(ZipFile zip, Map<String, ZipEntry> entries, String fileName, long maximumArrayBytes) {
        this.zip = zip;
        this.entries = entries;
        this.fileName = fileName;
        this.maximumArrayBytes = maximumArrayBytes;
    }

    public static Npz open(Path file) throws IOException {
        return open(file, DEFAULT_MAXIMUM_ARRAY_BYTES);
    }

    /// @param maximumArrayBytes what one unpacked array may take
    /// @throws ProblemException `damaged-npz` if the file is not a zip archive, or holds something other than
    ///     arrays
    public static Npz open(Path file, long maximumArrayBytes) throws IOException {
        String fileName = file.getFileName().toString();
        ZipFile zip;
        try {
            zip = new ZipFile(file.toFile());
        } catch (ZipException notAnArchive) {
            throw damaged(fileName, "not a zip archive: " + notAnArchive.getMessage(), notAnArchive);
        }
        try {
            return new Npz(zip, entries(zip, fileName), fileName, maximumArrayBytes);
        } catch (RuntimeException failure) {
            zip.close();
            throw failure;
        }
    }

    /// The names of the arrays, in the archive's order, without `.npy`.
    public List<String> names() {
        return List.copyOf(entries.keySet());
    }

    public boolean contains(String name) {
        return entries.containsKey(name);
    }

    /// Reads one array; the caller closes it.
    ///
    /// @throws ProblemException `array-not-found`, `array-too-large`, `damaged-npz`, or as {@link Npy#read(Path)}
    public Tensor read(String name) throws IOException {
        ZipEntry entry = entry(name);
        String subject = fileName + ":" + name;
        checkSize(entry, subject);
        try (CheckedInputStream in = new CheckedInputStream(zip.getInputStream(entry), new CRC32())) {
            Tensor tensor = Npy.read(in, entry.getSize(), subject);
            try {
                if (in.read() >= 0) {
                    throw damaged(subject, "the array goes on after the size that the archive states", null);
                }
                if (in.getChecksum().getValue() != entry.getCrc()) {
                    throw damaged(subject, "the array's bytes do not match the archive's checksum", null);
                }
            } catch (IOException | RuntimeException failure) {
                tensor.close();
                throw failure;
            }
            return tensor;
        } catch (ZipException | EOFException broken) {
            throw damaged(subject, "the compressed data is broken: " + broken.getMessage(), broken);
        }
    }

    /// The shape of one array, without unpacking its elements.
    ///
    /// @throws ProblemException as {@link #read}, for what shows without the elements
    public long[] shape(String name) throws IOException {
        ZipEntry entry = entry(name);
        String subject = fileName + ":" + name;
        checkSize(entry, subject);
        try (InputStream in = zip.getInputStream(entry)) {
            return Npy.readShape(in, entry.getSize(), subject);
        } catch (ZipException | EOFException broken) {
            throw damaged(subject, "the compressed data is broken: " + broken.getMessage(), broken);
        }
    }

    private ZipEntry entry(String name) {
        ZipEntry entry = entries.get(name);
        if (entry == null) {
            throw new ProblemException(
                    "array-not-found",
                    fileName,
                    "the archive has no array '%s'; it has %s".formatted(name, names()),
                    "name one of the arrays that are there");
        }
        return entry;
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }

    /// Writes a compressed archive, as `numpy.savez_compressed` does. The same arrays give the same bytes:
    /// entries carry a fixed date. The file is not there until it is whole.
    public static void write(Path file, Map<String, Tensor> arrays) throws IOException {
        AtomicFiles.write(file, out -> {
            ZipOutputStream zip = new ZipOutputStream(out);
            for (Map.Entry<String, Tensor> array : arrays.entrySet()) {
                ZipEntry entry = new ZipEntry(array.getKey() + SUFFIX);
                entry.setTimeLocal(LocalDateTime.of(1980, 1, 1, 0, 0)); // the earliest a zip can say
                zip.putNextEntry(entry);
                Npy.write(array.getValue(), zip);
                zip.closeEntry();
            }
            zip.finish();
        });
    }

    private void checkSize(ZipEntry entry, String subject) {
        long size = entry.getSize();
        if (size < 0 || entry.getCompressedSize() < 0) {
            throw damaged(subject, "the archive does not say how large the array is", null);
        }
        if (size > maximumArrayBytes) {
            throw new ProblemException(
                    "array-too-large",
                    subject,
                    "the array takes %d bytes unpacked; at most %d are accepted".formatted(size, maximumArrayBytes),
                    "split the array, or raise the bound");
        }
        if (size / MAXIMUM_DEFLATE_RATIO > entry.getCompressedSize() + 64) {
            throw damaged(
                    subject,
                    "%d compressed bytes cannot hold the %d bytes that the archive states"
                            .formatted(entry.getCompressedSize(), size),
                    null);
        }
    }

    private static Map<String, ZipEntry> entries(ZipFile zip, String fileName) {
        if (zip.size() > MAXIMUM_ARRAYS) {
            throw damaged(fileName, "%d entries; at most %d are read".formatted(zip.size(), MAXIMUM_ARRAYS), null);
        }
        Map<String, ZipEntry> entries = new LinkedHashMap<>();
        for (ZipEntry entry : Collections.list(zip.entries())) {
            String name = entry.getName();
            if (!name.endsWith(SUFFIX)) {
                throw damaged(fileName, "the entry '%s' is not an array (.npy)".formatted(name), null);
            }
            if (entries.put(name.substring(0, name.length() - SUFFIX.length()), entry) != null) {
                throw damaged(fileName, "two entries are called '%s'".formatted(name), null);
            }
        }
        return Collections.unmodifiableMap(entries);
    }

    private static ProblemException damaged(String subject, String what, Throwable cause) {
        return new ProblemException(
                "damaged-npz", subject, what, "give an archive as numpy.savez writes it, whole", cause);
    }
}
