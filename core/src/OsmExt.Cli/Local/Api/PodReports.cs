using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using k8s.Autorest;
using OsmExt.Cli.Clusters;
using OsmExt.Compiler.Policy;
using OsmExt.LocalRuntime;
using OsmExt.LocalRuntime.Processes;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Cli.Local.Api;

/// <summary>
/// Says on an API server what becomes of pods, as a node does: their addresses first, since a pod without one cannot be started, then whether their programs run. Which of them have a
/// sidecar is said by the label that a webhook gives pods elsewhere.
/// </summary>
internal sealed class PodReports(ClusterKinds kinds, Func<ResourceKey, EquatableArray<string>> addressesOf, string node, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<ResourceKey, Said> _said = new();
    private IReadOnlyCollection<LocalPod> _pods = [];
    private ILookup<ResourceKey?, Diagnostic> _problems = Array.Empty<Diagnostic>().ToLookup(finding => finding.Object);
    private int _next;

    /// <summary>Which pods there are now, and why some of them do not run.</summary>
    public void Follow(IReadOnlyCollection<LocalPod> pods, IReadOnlyList<Diagnostic> problems)
        => (_pods, _problems) = (pods, problems.ToLookup(finding => finding.Object));

    /// <summary>Says what is new until cancelled. What cannot be said is said the next time.</summary>
    public async Task RunAsync(Func<IReadOnlyList<ProcessStatus>> processes, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Look, time);
        while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
        {
            var running = processes().ToLookup(process => process.Name[..Math.Max(0, process.Name.IndexOf('/', StringComparison.Ordinal))], StringComparer.Ordinal);
            var pods = _pods;
            foreach (var pod in pods)
            {
                await ReportAsync(pod, [.. running[$"{pod.Pod.Metadata.Namespace}.{pod.Pod.Metadata.Name}"]], pods, cancellation).ConfigureAwait(false);
            }

            foreach (var gone in _said.Keys.Except(pods.Select(pod => pod.Pod.Key)).ToArray())
            {
                _said.TryRemove(gone, out _);
            }
        }
    }

    private async Task ReportAsync(LocalPod pod, ProcessStatus[] processes, IReadOnlyCollection<LocalPod> all, CancellationToken cancellation)
    {
        var said = _said.GetValueOrDefault(pod.Pod.Key) is { } before && before.Uid == pod.Pod.Metadata.Uid ? before : new Said(pod.Pod.Metadata.Uid, AddressesOf(pod.Pod, all), "", false, time.GetUtcNow());
        var isReady = processes.Length >= pod.Pod.Containers.Count + (pod.Meshed ? 1 : 0) && processes.All(process => process.Pid != 0);
        said = said.IsReady == isReady ? said : said with { IsReady = isReady, Since = time.GetUtcNow() };
        var path = $"api/v1/namespaces/{pod.Pod.Metadata.Namespace}/pods/{pod.Pod.Metadata.Name}";
        var status = new PodState(pod.Pod, said.Addresses, processes, [.. _problems[pod.Pod.Key]], node).ToJson(isReady, said.Since);
        var text = status.ToJsonString();
        try
        {
            if (pod.Meshed && pod.Pod.Metadata.Labels[Labels.ProxyUuid] is null)
            {
                var labels = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { [Labels.ProxyUuid] = pod.Pod.Metadata.Uid } } };
                await kinds.SendAsync(HttpMethod.Patch, path, labels, "application/merge-patch+json", cancellation).ConfigureAwait(false);
            }

            if (said.Text != text)
            {
                await kinds.SendAsync(HttpMethod.Patch, $"{path}/status", new JsonObject { ["status"] = status }, "application/merge-patch+json", cancellation).ConfigureAwait(false);
                _said[pod.Pod.Key] = said with { Text = text };
            }
        }
        catch (Exception failure) when (failure is HttpRequestException or HttpOperationException or CommandException)
        {
            // Gone in between, or the server is busy.
            _said[pod.Pod.Key] = said;
        }
    }

    // Of 10.254.0.0/16 where nobody has said.
    private EquatableArray<string> AddressesOf(Pod pod, IReadOnlyCollection<LocalPod> all)
    {
        if (pod.HostNetwork)
        {
            return new[] { node }.ToEquatableArray();
        }

        if (!pod.Addresses.IsEmpty || addressesOf(pod.Key) is { IsEmpty: false })
        {
            return pod.Addresses.IsEmpty ? addressesOf(pod.Key) : pod.Addresses;
        }

        var taken = all.SelectMany(other => other.Pod.Addresses).Concat(_said.Values.SelectMany(other => other.Addresses)).ToHashSet(StringComparer.Ordinal);
        while (true)
        {
            var number = _next++ % (250 * 250);
            var address = string.Create(CultureInfo.InvariantCulture, $"10.254.{number / 250}.{(number % 250) + 1}");
            if (!taken.Contains(address))
            {
                return new[] { address }.ToEquatableArray();
            }
        }
    }

    private sealed record Said(string Uid, EquatableArray<string> Addresses, string Text, bool IsReady, DateTimeOffset Since);
}
