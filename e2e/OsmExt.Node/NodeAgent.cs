using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Logging;
using OsmExt.LocalRuntime;
using OsmExt.LocalRuntime.Network;
using OsmExt.LocalRuntime.State;
using OsmExt.Node.Pods;
using OsmExt.Node.Volumes;

namespace OsmExt.Node;

/// <summary>
/// Scheduler, kubelet and kube-proxy of a cluster of one node: whatever pod there is runs here. It looks at everything again whenever anything
/// changed; a cluster in a test is small.
/// </summary>
internal sealed partial class NodeAgent : IAsyncDisposable
{
    private static readonly TimeSpan LookAnyway = TimeSpan.FromSeconds(2);

    private readonly NodeContext _node;
    private readonly StateDirectory _directory;
    private readonly Relay _door;
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<string, NodePod> _pods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> _leaving = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _said = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, IPAddress> _addresses = new(StringComparer.Ordinal);
    private int _address = 1;

    private NodeAgent(NodeContext node, StateDirectory directory, Relay door) => (_node, _directory, _door) = (node, directory, door);

    public static async Task<NodeAgent> StartAsync(NodeOptions options, TimeProvider time, ILogger logger, CancellationToken cancellation)
    {
        var directory = StateDirectory.Open(options.StateDirectory);
        await Leftovers.CleanAsync(directory, time, logger, cancellation);
        var journal = RunJournal.Begin(directory.Path, options.Name);
        var mesh = new LocalMeshOptions
        {
            Name = options.Name, StateDirectory = options.StateDirectory, LogDirectory = options.LogDirectory, ImagesDirectory = options.ImagesDirectory,
            WriteBootstrap = (_, _) => throw new InvalidOperationException("Pods are as they are written."),
        };
        var network = new NamespaceNetwork(mesh, journal);
        await network.CreateAsync(cancellation);
        
        var configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(options.Kubeconfig);
        var server = new Uri(configuration.Host);
        // Where pods find the API server: a port of the node's address, inside its network.
        var inside = await PodNetwork.OfNode(options.Name).ListenAsync(new(IPAddress.Parse(mesh.NodeAddress), options.ApiPort));
        var door = new Relay(inside, stop => Relay.DialAsync(new DnsEndPoint(server.Host, server.Port), stop));
        return new(new()
        {
            Options = options, Api = new Kubernetes(configuration), Network = network, Journal = journal, Logger = logger, FilesDirectory = directory.Files, Address = mesh.NodeAddress,
        }, directory, door);
    }

    /// <summary>The address of a pod that runs here.</summary>
    public IPAddress? AddressOf(string podNamespace, string pod) => _addresses.GetValueOrDefault($"{podNamespace}/{pod}");

    public async Task RunAsync(CancellationToken cancellation)
    {
        var watching = Task.WhenAll(
            WatchAsync(() => _node.Api.CoreV1.WatchListPodForAllNamespacesAsync(cancellationToken: cancellation), cancellation),
            WatchAsync(() => _node.Api.CoreV1.WatchListServiceForAllNamespacesAsync(cancellationToken: cancellation), cancellation),
            WatchAsync(() => _node.Api.DiscoveryV1.WatchListEndpointSliceForAllNamespacesAsync(cancellationToken: cancellation), cancellation));
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                using var look = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                look.CancelAfter(LookAnyway);
                try
                {
                    await _changes.Reader.ReadAsync(look.Token);
                }
                catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
                {
                    // Nothing was heard; a watch may have been missed.
                }

                await LookAsync(cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            // The node goes.
        }

        await watching;
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_leaving.Values.Concat(_pods.Values.Select(pod => pod.StopAsync(TimeSpan.FromSeconds(3)))));
        await _door.DisposeAsync();
        await _node.Network.DeleteAsync(CancellationToken.None);
        _directory.RemoveFiles();
        _node.Journal.End();
        _directory.Dispose();
        _node.Api.Dispose();
    }

    private async Task WatchAsync<T>(Func<IAsyncEnumerable<(WatchEventType, T)>> watch, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await foreach (var unused in watch().WithCancellation(cancellation))
                {
                    _changes.Writer.TryWrite(true);
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or HttpOperationException or OperationCanceledException)
            {
                // Looked at anyway, a little later.
            }

            await Task.WhenAny(Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, cancellation));
        }
    }

    private async Task LookAsync(CancellationToken cancellation)
    {
        try
        {
            var services = await _node.Api.CoreV1.ListServiceForAllNamespacesAsync(cancellationToken: cancellation);
            var slices = await _node.Api.DiscoveryV1.ListEndpointSliceForAllNamespacesAsync(cancellationToken: cancellation);
            var pods = await _node.Api.CoreV1.ListPodForAllNamespacesAsync(cancellationToken: cancellation);
            await SetServicesAsync(ServiceReader.Read(services.Items, slices.Items, new(IPAddress.Parse(_node.Address), _node.Options.ApiPort)), cancellation);
            await FollowAsync(pods.Items, cancellation);
        }
        catch (Exception e) when (e is HttpRequestException or HttpOperationException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            Log.Unreachable(_node.Logger, e.Message);
        }
    }

    private async Task SetServicesAsync(ServiceTable services, CancellationToken cancellation)
    {
        if (!services.Equals(_node.Services))
        {
            await _node.Network.SetServicesAsync(services, [.. _pods.Values.Select(pod => pod.Plan)], cancellation);
            _node.Services = services;
        }
    }

    private async Task FollowAsync(IEnumerable<V1Pod> listed, CancellationToken cancellation)
    {
        var there = listed.ToDictionary(pod => pod.Metadata.Uid, StringComparer.Ordinal);
        foreach (var gone in _pods.Values.Where(pod => !there.ContainsKey(pod.Uid)).ToArray())
        {
            Leave(gone, null);
        }

        foreach (var ended in _leaving.Where(entry => entry.Value.IsCompleted).ToArray())
        {
            await ended.Value;
            _leaving.Remove(ended.Key);
        }

        foreach (var pod in there.Values)
        {
            if (pod.Metadata.DeletionTimestamp is not null)
            {
                if (_pods.TryGetValue(pod.Metadata.Uid, out var running))
                {
                    Leave(running, pod);
                }
                else if (!_leaving.ContainsKey(pod.Metadata.Uid))
                {
                    _leaving[pod.Metadata.Uid] = ForgetAsync(pod);
                }
            }
            else if (!_pods.ContainsKey(pod.Metadata.Uid) && pod.Status?.Phase is not ("Succeeded" or "Failed"))
            {
                AccountVolume.AddTo(pod);
                var number = _address++;
                var begun = new NodePod(pod, new([10, 244, (byte)(number / 250), (byte)((number % 250) + 1)]), _node, () => _changes.Writer.TryWrite(true));
                _pods.Add(begun.Uid, begun);
                _addresses[$"{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}"] = begun.Address;
                Log.Starting(_node.Logger, pod.Metadata.NamespaceProperty, pod.Metadata.Name, begun.Address);
                begun.Start();
            }
        }

        await Task.WhenAll(_pods.Values.Select(pod => ReportAsync(pod, cancellation)));
    }

    private void Leave(NodePod pod, V1Pod? listed)
    {
        _pods.Remove(pod.Uid);
        _addresses.TryRemove($"{pod.Pod.Metadata.NamespaceProperty}/{pod.Pod.Metadata.Name}", out _);
        _leaving[pod.Uid] = LeaveAsync(pod, listed);
    }

    private async Task LeaveAsync(NodePod pod, V1Pod? listed)
    {
        var seconds = listed?.Metadata.DeletionGracePeriodSeconds ?? pod.Pod.Spec.TerminationGracePeriodSeconds ?? 30;
        await pod.StopAsync(TimeSpan.FromSeconds(Math.Min(seconds, 30)));
        _said.Remove(pod.Uid);
        if (listed is not null)
        {
            await ForgetAsync(listed);
        }

        _changes.Writer.TryWrite(true);
    }

    // The second deletion, without grace, is the node's word that the pod is no more.
    private async Task ForgetAsync(V1Pod pod)
    {
        try
        {
            await _node.Api.CoreV1.DeleteNamespacedPodAsync(
                pod.Metadata.Name, pod.Metadata.NamespaceProperty, new V1DeleteOptions { GracePeriodSeconds = 0, Preconditions = new() { Uid = pod.Metadata.Uid } });
        }
        catch (HttpOperationException)
        {
            // Gone already.
        }
        catch (HttpRequestException)
        {
            // The server is away; it will be listed again.
        }
    }

    private async Task ReportAsync(NodePod pod, CancellationToken cancellation)
    {
        var status = PodReport.Of(pod, _node.Address);
        var text = KubernetesJson.Serialize(status);
        if (_said.GetValueOrDefault(pod.Uid) == text)
        {
            return;
        }

        try
        {
            if (!_said.ContainsKey(pod.Uid) && string.IsNullOrEmpty(pod.Pod.Spec.NodeName))
            {
                await _node.Api.CoreV1.CreateNamespacedPodBindingAsync(
                    new V1Binding { Metadata = new() { Name = pod.Pod.Metadata.Name }, Target = new() { Kind = "Node", Name = _node.Options.Name } },
                    pod.Pod.Metadata.Name, pod.Pod.Metadata.NamespaceProperty, cancellationToken: cancellation);
            }
        }
        catch (HttpOperationException e)
        {
            Log.NotBound(_node.Logger, pod.Pod.Metadata.Name, e.Response.Content);
        }

        try
        {
            await _node.Api.CoreV1.PatchNamespacedPodStatusAsync(
                new V1Patch($"{{\"status\":{text}}}", V1Patch.PatchType.MergePatch), pod.Pod.Metadata.Name, pod.Pod.Metadata.NamespaceProperty, cancellationToken: cancellation);
            _said[pod.Uid] = text;
        }
        catch (HttpOperationException e)
        {
            Log.NotReported(_node.Logger, pod.Pod.Metadata.Name, e.Response.Content);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 10, Level = LogLevel.Information, Message = "Starting {Namespace}/{Pod} at {Address}")]
        public static partial void Starting(ILogger logger, string @namespace, string pod, IPAddress address);

        [LoggerMessage(EventId = 11, Level = LogLevel.Warning, Message = "The API server does not answer: {Reason}")]
        public static partial void Unreachable(ILogger logger, string reason);

        [LoggerMessage(EventId = 12, Level = LogLevel.Warning, Message = "The status of {Pod} is not taken: {Reason}")]
        public static partial void NotReported(ILogger logger, string pod, string reason);

        [LoggerMessage(EventId = 13, Level = LogLevel.Debug, Message = "{Pod} is not bound: {Reason}")]
        public static partial void NotBound(ILogger logger, string pod, string reason);
    }
}
