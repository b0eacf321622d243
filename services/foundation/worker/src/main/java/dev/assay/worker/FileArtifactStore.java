package dev.assay.worker;

import dev.assay.artifact.v1.Artifact;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Tenant;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/// Artifacts as files: `<folder>/sha256/ab/cdef…`, shared by every process that sees the folder. A file gets
/// its name only when all its bytes are on the disk (written to a temporary name, fsynced, renamed, the folder
/// fsynced). A tenant that has a name has a store of its own in `<folder>/tenants/<tenant>`.
public final class FileArtifactStore implements ArtifactStore {

    private static final int CHUNK = 1 << 16;

    private record Seen(long size, FileTime modified) {}

    private final Path folder;
    private final Path objects;
    private final Path unfinished;
    private final StoredFiles files;
    private final Map<String, Seen> verified = new ConcurrentHashMap<>();
    private final Map<String, FileArtifactStore> tenants;

    /// The store of the tenant without a name, from which those of the others are reached.
    ///
    /// @throws ProblemException `storage-unavailable` when the folder cannot be made
    public FileArtifactStore(Path folder) {
        this(folder, new ConcurrentHashMap<>());
        tenants.put(Tenant.NAMELESS, this);
    }

    private FileArtifactStore(Path folder, Map<String, FileArtifactStore> tenants) {
        this.folder = folder;
        this.tenants = tenants;
        this.objects = folder.resolve("sha256");
        this.unfinished = folder.resolve("unfinished");
        this.files = new StoredFiles(objects, unfinished);
        try {
            Files.createDirectories(objects);
            Files.createDirectories(unfinished);
        } catch (IOException failure) {
            throw problem(failure);
        }
    }

    @Override
    public ArtifactStore of(String tenant) {
        FileArtifactStore root = tenants.get(Tenant.NAMELESS);
        return tenants.computeIfAbsent(
                Tenant.requireName(tenant),
                name -> new FileArtifactStore(root.folder.resolve("tenants").resolve(name), tenants));
    }

    @Override
    public Artifact put(InputStream content, String mediaType, long maximumBytes) {
        return store(content, mediaType, maximumBytes, "");
    }

    @Override
    public Artifact putExpecting(String expectedDigest, InputStream content, String mediaType, long maximumBytes) {
        return store(content, mediaType, maximumBytes, requireDigest(expectedDigest));
    }

    @Override
    public Artifact put(Path file, String mediaType) {
        try (InputStream content = Files.newInputStream(file)) {
            return put(content, mediaType, Long.MAX_VALUE);
        } catch (IOException unreadable) {
            throw new ProblemException(
                    "file-unreadable",
                    file.toString(),
                    "the file cannot be read: " + unreadable,
                    "check that it exists",
                    unreadable);
        }
    }

    @Override
    public Artifact put(byte[] content, String mediaType) {
        return put(new ByteArrayInputStream(content), mediaType, Long.MAX_VALUE);
    }

    @Override
    public Optional<Long> size(String digest) {
        try {
            return Optional.of(Files.size(files.use(requireDigest(digest))));
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        } catch (IOException failure) {
            throw problem(failure);
        }
    }

    @Override
    public Path verified(String digest) {
        requireDigest(digest);
        try {
            Path path = files.use(digest);
            var attributes = Files.readAttributes(path, BasicFileAttributes.class);
            var now = new Seen(attributes.size(), attributes.lastModifiedTime());
            if (!now.equals(verified.get(digest))) {
                verify(path, digest);
                verified.put(digest, now);
            }
            return path;
        } catch (NoSuchFileException absent) {
            throw new ProblemException(
                    "artifact-not-found", digest, "there is no artifact " + digest, "upload it first");
        } catch (IOException failure) {
            throw problem(failure);
        }
    }

    @Override
    public List<UnusedArtifact> unused(Instant before) {
        try {
            return files.unused(before);
        } catch (IOException | UncheckedIOException failure) {
            throw problem(failure instanceof IOException direct ? direct : ((UncheckedIOException) failure).getCause());
        }
    }

    @Override
    public boolean remove(String digest, Instant before) {
        try {
            verified.remove(requireDigest(digest));
            return files.remove(digest, before);
        } catch (IOException failure) {
            throw problem(failure);
        }
    }

    @Override
    public int removeUnfinished(Instant before) {
        try {
            return files.removeUnfinished(before);
        } catch (IOException failure) {
            throw problem(failure);
        }
    }

    @Override
    public Path workerLogs() {
        return tenants.get(Tenant.NAMELESS).folder.resolve("workers");
    }

    @Override
    public void requireWritable() {
        try {
            Path probe = Files.createTempFile(unfinished, "probe", "");
            Files.write(probe, new byte[] {1});
            Files.delete(probe);
        } catch (IOException failure) {
            throw problem(failure);
        }
    }

    private Artifact store(InputStream content, String mediaType, long maximumBytes, String expectedDigest) {
        Path temporary = unfinished.resolve(UUID.randomUUID().toString());
        try {
            MessageDigest hash = Digests.sha256();
            long size = copy(content, temporary, hash, maximumBytes);
            String digest = Digests.ofHash(hash.digest());
            if (!expectedDigest.isEmpty() && !expectedDigest.equals(digest)) {
                throw new ProblemException(
                        "hash-mismatch",
                        expectedDigest,
                        "the " + size + " bytes that came have the digest " + digest,
                        "send the file again, or correct the digest");
            }
            publish(temporary, digest, size);
            return Artifact.newBuilder()
                    .setDigest(digest)
                    .setSize(size)
                    .setMediaType(mediaType)
                    .build();
        } catch (IOException failure) {
            throw problem(failure);
        } finally {
            deleteQuietly(temporary);
        }
    }

    private static long copy(InputStream content, Path target, MessageDigest hash, long maximumBytes)
            throws IOException {
        byte[] chunk = new byte[CHUNK];
        long size = 0;
        try (FileChannel file = FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int read = read(content, chunk); read >= 0; read = read(content, chunk)) {
                size += read;
                if (size > maximumBytes) {
                    throw new ProblemException(
                            "too-large",
                            "",
                            "the content is larger than " + maximumBytes + " bytes",
                            "send at most " + maximumBytes + " bytes, or raise the limit of the server");
                }
                hash.update(chunk, 0, read);
                ByteBuffer bytes = ByteBuffer.wrap(chunk, 0, read);
                while (bytes.hasRemaining()) {
                    file.write(bytes);
                }
            }
            file.force(true);
        }
        return size;
    }

    /// Tells a broken stream from a broken disk.
    private static int read(InputStream content, byte[] chunk) {
        try {
            return content.read(chunk);
        } catch (IOException broken) {
            throw new ProblemException(
                    "upload-interrupted", "", "the content broke off: " + broken.getMessage(), "send it again", broken);
        }
    }

    private void publish(Path temporary, String digest, long size) throws IOException {
        Path target = files.path(digest);
        if (Files.exists(target) && Files.size(target) == size && isIntact(digest)) {
            return; // the same bytes are there already, and may be mapped by someone: leave them
        }
        Files.createDirectories(target.getParent());
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        force(target.getParent());
        force(objects);
        verified.remove(digest);
    }

    private boolean isIntact(String digest) {
        try {
            verified(digest);
            return true;
        } catch (ProblemException damaged) {
            return false; // the bytes that just came replace it
        }
    }

    /// Makes a rename last: without it a power cut may forget the name, though never show half a file.
    private static void force(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void verify(Path path, String digest) throws IOException {
        MessageDigest hash = Digests.sha256();
        byte[] chunk = new byte[CHUNK];
        try (InputStream content = Files.newInputStream(path)) {
            for (int read = content.read(chunk); read >= 0; read = content.read(chunk)) {
                hash.update(chunk, 0, read);
            }
        }
        String found = Digests.ofHash(hash.digest());
        if (!found.equals(digest)) {
            throw new ProblemException(
                    "artifact-damaged",
                    digest,
                    "the stored bytes have the digest " + found,
                    "upload the artifact again: that replaces the damaged file");
        }
    }

    private static String requireDigest(String digest) {
        if (!Digests.isValid(digest)) {
            throw new ProblemException(
                    "malformed-reference",
                    digest,
                    "'" + digest + "' is no digest",
                    "write sha256: and 64 lower-case hex digits");
        }
        return digest;
    }

    private static void deleteQuietly(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException stays) {
            // a leftover in the folder of unfinished files is never read; garbage collection takes it
            System.getLogger(FileArtifactStore.class.getName())
                    .log(System.Logger.Level.WARNING, "could not delete " + temporary, stays);
        }
    }

    /// The system tells a full disk in the language of its user.
    private boolean isFull() {
        try {
            return Files.getFileStore(objects).getUsableSpace() < CHUNK;
        } catch (IOException unknown) {
            return false;
        }
    }

    private ProblemException problem(IOException failure) {
        String said = failure instanceof FileSystemException system && system.getReason() != null
                ? system.getReason()
                : String.valueOf(failure.getMessage());
        if (said.contains("No space left")
                || said.contains("Disk quota exceeded")
                || said.contains("File too large")
                || isFull()) {
            return new ProblemException(
                    "storage-full",
                    objects.toString(),
                    "the artifact folder is full: " + said,
                    "free space on its disk, or move assay.artifacts.folder",
                    failure);
        }
        return new ProblemException(
                "storage-unavailable",
                objects.toString(),
                "the artifact folder cannot be used: " + failure,
                "check assay.artifacts.folder and its permissions",
                failure);
    }
}
