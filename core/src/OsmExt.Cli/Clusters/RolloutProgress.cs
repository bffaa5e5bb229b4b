using k8s;
using k8s.Autorest;
using k8s.Models;

namespace OsmExt.Cli.Clusters;

/// <summary>Tells, while something waits for a namespace's pods, what they are doing: a line for each change.</summary>
internal sealed class RolloutProgress(ClusterSession session, string ns, TextWriter output, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);
    private readonly Dictionary<string, string> _said = new(StringComparer.Ordinal);

    /// <summary>Does something, and tells meanwhile.</summary>
    public async Task<T> WatchAsync<T>(Task<T> work, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await Task.WhenAny(work, timer.WaitForNextTickAsync(cancellation).AsTask()).ConfigureAwait(false) != work)
        {
            await TellAsync(cancellation).ConfigureAwait(false);
        }

        return await work.ConfigureAwait(false);
    }

    /// <summary>What every pod is doing, and the warnings about them: why something that waited for them failed.</summary>
    public async Task<IReadOnlyList<string>> ExplainAsync(CancellationToken cancellation)
    {
        try
        {
            var pods = await session.Api.CoreV1.ListNamespacedPodAsync(ns, cancellationToken: cancellation).ConfigureAwait(false);
            var events = await session.Api.CoreV1.ListNamespacedEventAsync(ns, cancellationToken: cancellation).ConfigureAwait(false);
            return
            [
                .. pods.Items.Select(pod => $"pod {pod.Metadata.Name}: {State(pod)}"),
                .. events.Items.Where(found => found.Type == "Warning").Select(found => $"{found.InvolvedObject.Kind.ToLowerInvariant()} {found.InvolvedObject.Name}: {found.Reason}: {found.Message}").Distinct(StringComparer.Ordinal),
            ];
        }
        catch (Exception failure) when (failure is HttpOperationException or HttpRequestException)
        {
            // Something else has failed already, and is what people need to read.
            return [];
        }
    }

    private async Task TellAsync(CancellationToken cancellation)
    {
        try
        {
            foreach (var pod in (await session.Api.CoreV1.ListNamespacedPodAsync(ns, cancellationToken: cancellation).ConfigureAwait(false)).Items)
            {
                var state = State(pod);
                if (_said.GetValueOrDefault(pod.Metadata.Name) != state)
                {
                    _said[pod.Metadata.Name] = state;
                    await output.WriteLineAsync($"  {pod.Metadata.Name}: {state}").ConfigureAwait(false);
                }
            }
        }
        catch (Exception failure) when (failure is HttpOperationException or HttpRequestException)
        {
            // Not seeing how it goes on is no reason to stop it.
        }
    }

    private static string State(V1Pod pod) => ControllerPods.IsReady(pod) ? "ready" : ControllerPods.Phase(pod);
}
