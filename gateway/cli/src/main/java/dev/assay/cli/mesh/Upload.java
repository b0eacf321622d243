package dev.assay.cli.mesh;

import dev.assay.artifact.v1.Artifact;
import dev.assay.computation.ProblemException;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;

/// Brings a local file or folder into the gateway's store. The SHA-256 is computed first; what the store has
/// already is
/// not sent again. A folder travels as a zip archive ([FolderZip]). Nothing is held in memory.
public final class Upload {

    /// Hears how an upload goes on.
    @FunctionalInterface
    public interface Watcher {
        /// @param phase `hash` or `upload`
        void at(String phase, long doneBytes, long totalBytes);
    }

    /// A smaller file is there before anyone could read its progress.
    private static final long WORTH_TELLING = 16_000_000;

    private final Gateway gateway;
    private final Watcher watcher;

    public Upload(Gateway gateway, Watcher watcher) {
        this.gateway = gateway;
        this.watcher = watcher;
    }

    /// @return the artifact, as the store knows it
    /// @throws ProblemException `unreadable-file` when it cannot be read, `empty-folder`
    public Artifact send(Path path) {
        try {
            return Files.isDirectory(path) ? sendFolder(path) : sendFile(path, mediaType(path));
        } catch (IOException failure) {
            throw new ProblemException(
                    "unreadable-file",
                    path.toString(),
                    "cannot be read: " + failure.getMessage(),
                    "check the path and your rights",
                    failure);
        }
    }

    private Artifact sendFolder(Path folder) throws IOException {
        Path zip = Files.createTempFile("assay-upload", ".zip");
        try {
            FolderZip.write(folder, zip);
            return sendFile(zip, "application/zip");
        } finally {
            Files.deleteIfExists(zip);
        }
    }

    private Artifact sendFile(Path file, String mediaType) throws IOException {
        long size = Files.size(file);
        Watcher told = size < WORTH_TELLING ? (phase, done, total) -> {} : watcher;
        String digest = Digests.of(file, done -> told.at("hash", done, size));
        if (gateway.hasArtifact(digest)) {
            return Artifact.newBuilder()
                    .setDigest(digest)
                    .setSize(size)
                    .setMediaType(mediaType)
                    .build();
        }
        BodyPublisher bytes = BodyPublishers.ofFile(file);
        Artifact stored = gateway.upload(new Watched(bytes, done -> told.at("upload", done, size)), digest, mediaType);
        told.at("upload", size, size);
        return stored;
    }

    private static String mediaType(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        String extension = name.substring(name.lastIndexOf('.') + 1);
        return switch (extension) {
            case "npz", "zip" -> "application/zip";
            case "npy" -> "application/x-npy";
            case "gz" -> "application/gzip";
            case "json" -> "application/json";
            case "png" -> "image/png";
            case "jpg", "jpeg" -> "image/jpeg";
            default -> "application/octet-stream"; // .onnx, .beton and all that has no registered type
        };
    }

    /// A body that tells how many of its bytes were taken.
    private record Watched(BodyPublisher body, java.util.function.LongConsumer taken) implements BodyPublisher {

        @Override
        public long contentLength() {
            return body.contentLength();
        }

        @Override
        public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
            AtomicLong done = new AtomicLong();
            body.subscribe(new Flow.Subscriber<>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                    subscriber.onSubscribe(subscription);
                }

                @Override
                public void onNext(ByteBuffer bytes) {
                    taken.accept(done.addAndGet(bytes.remaining()));
                    subscriber.onNext(bytes);
                }

                @Override
                public void onError(Throwable failure) {
                    subscriber.onError(failure);
                }

                @Override
                public void onComplete() {
                    subscriber.onComplete();
                }
            });
        }
    }
}
