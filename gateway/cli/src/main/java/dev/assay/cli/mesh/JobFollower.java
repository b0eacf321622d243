package dev.assay.cli.mesh;

import dev.assay.cli.mesh.Patience.Contact;
import dev.assay.computation.CancelledException;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.JobEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Follows a job to its end. Events come as a stream; when it breaks off or falls silent, the job itself is asked
/// for
/// its state, and the stream is taken up again after the last event that arrived. Where streams do not pass at
/// all (a
/// proxy may hold them back), the questions alone carry the progress.
public final class JobFollower {

    private final Gateway gateway;
    private final Patience patience;

    public JobFollower(Gateway gateway) {
        this(gateway, Patience.USUAL);
    }

    JobFollower(Gateway gateway, Patience patience) {
        this.gateway = gateway;
        this.patience = patience;
    }

    /// Waits until the job is final.
    ///
    /// @param watcher hears each event once; while only questions get through, it hears the progress they tell
    /// @return the final snapshot
    /// @throws dev.assay.computation.ProblemException `gateway-lost` when nothing has answered for long
    public Job follow(String id, Consumer<JobEvent> watcher) {
        Contact contact = patience.start();
        Optional<String> lastEvent = Optional.empty();
        while (true) {
            boolean heard = false;
            try (EventReading events = new EventReading(gateway.events(id, lastEvent))) {
                Optional<ServerEvent> event = events.next(patience.silence());
                while (event.isPresent()) {
                    heard = true;
                    contact.renew();
                    lastEvent = event.get().id();
                    JobEvent told = Answers.read(event.get().data(), JobEvent.newBuilder())
                            .build();
                    watcher.accept(told);
                    if (isFinal(told) && !wasPutBack(id, told, contact)) {
                        return settled(id, contact);
                    }
                    event = events.next(patience.silence());
                }
            } catch (UnreachableException | IOException brokenOff) {
                contact.requireNotLost(id, brokenOff);
            } catch (RefusedException noStream) {
                requireUnderstandable(noStream);
            }
            Optional<Job> job = ask(id, contact);
            if (job.filter(JobFollower::isFinal).isPresent()) {
                return job.get();
            }
            if (!heard) {
                job.filter(Job::hasProgress).ifPresent(j -> watcher.accept(progressOf(j)));
            }
            pause(patience.between());
        }
    }

    /// A job that was put back lives on after this end, with a higher attempt.
    private boolean wasPutBack(String id, JobEvent end, Contact contact) {
        return ask(id, contact)
                .filter(job -> job.getAttempt() > end.getAttempt())
                .isPresent();
    }

    /// The state may be a moment behind the event that announced it.
    private Job settled(String id, Contact contact) {
        while (true) {
            Optional<Job> job = ask(id, contact);
            if (job.filter(JobFollower::isFinal).isPresent()) {
                return job.get();
            }
            pause(patience.settling());
        }
    }

    private Optional<Job> ask(String id, Contact contact) {
        try {
            Job job = gateway.job(id);
            contact.renew();
            return Optional.of(job);
        } catch (UnreachableException silence) {
            contact.requireNotLost(id, silence);
            return Optional.empty();
        } catch (RefusedException refusal) {
            if (refusal.status() >= 500) {
                contact.requireNotLost(id, refusal);
                return Optional.empty();
            }
            throw refusal;
        }
    }

    /// A refused stream is no reason to give up as long as the job itself can be asked for.
    private static void requireUnderstandable(RefusedException refusal) {
        if (refusal.status() == 401 || refusal.status() == 403) {
            throw refusal;
        }
    }

    private static boolean isFinal(JobEvent event) {
        return switch (event.getDetailCase()) {
            case SUCCEEDED, FAILED, CANCELLED -> true;
            case QUEUED, STARTED, PROGRESS, CHECKPOINT, DETAIL_NOT_SET -> false;
        };
    }

    private static boolean isFinal(Job job) {
        return switch (job.getState()) {
            case SUCCEEDED, FAILED, CANCELLED -> true;
            case QUEUED, RUNNING, STATE_UNSPECIFIED, UNRECOGNIZED -> false;
        };
    }

    private static JobEvent progressOf(Job job) {
        return JobEvent.newBuilder()
                .setJobId(job.getId())
                .setCapability(job.getCapability())
                .setOperation(job.getOperation())
                .setAttempt(job.getAttempt())
                .setProgress(job.getProgress())
                .build();
    }

    private static void pause(Duration duration) {
        try {
            Thread.sleep(duration);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CancelledException("interrupted while following a job");
        }
    }

    /// Reads a stream on a thread of its own, so that a silent one can be left.
    private static final class EventReading implements AutoCloseable {

        private final EventStream stream;
        private final BlockingQueue<Optional<ServerEvent>> read = new LinkedBlockingQueue<>();

        EventReading(EventStream stream) {
            this.stream = stream;
            Thread.ofVirtual().name("events").start(this::readAll);
        }

        /// The next event; empty when the stream has ended, broke off, or was silent for as long as given.
        Optional<ServerEvent> next(Duration silence) {
            try {
                Optional<ServerEvent> event = read.poll(silence.toMillis(), TimeUnit.MILLISECONDS);
                return event == null ? Optional.empty() : event;
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new CancelledException("interrupted while following a job");
            }
        }

        private void readAll() {
            try {
                Optional<ServerEvent> event = stream.next();
                while (event.isPresent()) {
                    read.add(event);
                    event = stream.next();
                }
            } catch (IOException brokenOff) {
                // Told to the follower as an end: it asks the job and takes the stream up again either way.
            } finally {
                read.add(Optional.empty());
            }
        }

        @Override
        public void close() throws IOException {
            stream.close();
        }
    }
}
