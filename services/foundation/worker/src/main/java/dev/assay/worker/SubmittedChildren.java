package dev.assay.worker;

import com.google.protobuf.Message;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.Job.State;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// The children of one attempt, watched in the state of all jobs.
final class SubmittedChildren implements Children, AutoCloseable {

    private static final int CANCEL_CHECK_MILLIS = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Mesh mesh;
    private final Attempt parent;
    private final Map<String, String> keys = new ConcurrentHashMap<>();
    private final BlockingQueue<Child> over = new LinkedBlockingQueue<>();
    private final JobStates.Listening listener;
    private volatile Consumer<Child> progress = child -> {};

    SubmittedChildren(Mesh mesh, Attempt parent) {
        this.mesh = mesh;
        this.parent = parent;
        this.listener = mesh.states().onChange(this::watch);
    }

    @Override
    public void submit(String key, Message request) {
        parent.progress().checkCancelled();
        Job job = parent.running();
        Job child = mesh.submitter().submitChild(request, job, key);
        boolean endedBefore = child.getState() == State.FAILED || child.getState() == State.CANCELLED;
        if (endedBefore && child.getRetries() < job.getRetries()) {
            child = mesh.control().retry(child.getId(), "its parent " + job.getId() + " was put back");
        }
        keys.put(child.getId(), key);
        // it may have ended before it was watched
        mesh.states().find(child.getId()).ifPresent(this::watch);
    }

    @Override
    public void onProgress(Consumer<Child> consumer) {
        progress = consumer;
    }

    @Override
    public synchronized int unfinished() {
        return keys.size() + over.size();
    }

    @Override
    public Child next() throws InterruptedException {
        while (true) {
            if (unfinished() == 0) {
                throw new IllegalStateException("there is no child to wait for");
            }
            parent.progress().checkCancelled();
            Child child = over.poll(CANCEL_CHECK_MILLIS, TimeUnit.MILLISECONDS);
            if (child != null) {
                return handedOut(child);
            }
        }
    }

    /// One order cancels a parent and its children, and a child may be the first to obey: its parent must not take
    /// that for a failure.
    private Child handedOut(Child child) {
        if (child.job().getState() == State.CANCELLED) {
            mesh.states().awaitCaughtUp(PATIENCE);
            parent.progress().checkCancelled();
        }
        return child;
    }

    @Override
    public void close() {
        listener.close();
    }

    private void watch(Job job) {
        String key = keys.get(job.getId());
        if (key == null) {
            return;
        }
        if (JobLife.isFinal(job.getState())) {
            handOut(job);
        } else if (job.hasProgress()) {
            progress.accept(new Child(key, job));
        }
    }

    /// A child is counted in one place or the other, and told once.
    private synchronized void handOut(Job job) {
        String key = keys.remove(job.getId());
        if (key != null) {
            over.add(new Child(key, job));
        }
    }
}
