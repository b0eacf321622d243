package dev.assay.worker;

import dev.assay.job.v1.CancelOrder;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.JobOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// The orders of the last day, read from `assay.control`, so that a job cancelled while its worker was dead
/// does not start again. Thread-safe.
final class JobOrders {

    private final Map<String, CancelOrder> cancelled = new ConcurrentHashMap<>();
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<String>> drains = new CopyOnWriteArrayList<>();
    private final TopicReader.View view = new TopicReader.View() {
        @Override
        public String topic() {
            return Topics.CONTROL;
        }

        @Override
        public TopicReader.Start start() {
            return TopicReader.Start.BEGINNING;
        }

        @Override
        public void accept(ConsumerRecord<String, byte[]> record) {
            JobOrders.this.accept(JobEvents.readOrder(record));
        }
    };

    /// Why the job is to be cancelled; empty when it is not. An order does not outlive its job's end: one that
    /// is put back afterwards runs.
    Optional<String> cancellation(Job job) {
        return Optional.ofNullable(cancelled.get(job.getId()))
                .filter(order -> order.getRetries() >= job.getRetries())
                .map(CancelOrder::getReason);
    }

    /// Calls `listener` with the id of each job that is to be cancelled, on the reader's thread.
    AutoCloseable onCancel(Consumer<String> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /// Calls `listener` with the name of each worker that is told to stop, on the reader's thread. Orders of the past
    /// are not told: who was started since is not meant.
    AutoCloseable onDrain(Consumer<String> listener) {
        drains.add(listener);
        return () -> drains.remove(listener);
    }

    TopicReader.View view() {
        return view;
    }

    private void accept(JobOrder order) {
        switch (order.getOrderCase()) {
            case CANCEL -> {
                cancelled.put(order.getJobId(), order.getCancel());
                listeners.forEach(listener -> listener.accept(order.getJobId()));
            }
            case DRAIN ->
                drains.forEach(listener -> listener.accept(order.getDrain().getWorker()));
            case ORDER_NOT_SET -> {}
        }
    }
}
