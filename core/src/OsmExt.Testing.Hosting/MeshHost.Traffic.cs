using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OsmExt.PluginHost;
using OsmExt.Sdk.Resources;
using OsmExt.Simulation;
using OsmExt.Simulation.Meshes;
using OsmExt.Testing.Hosting.Applications;
using OsmExt.Testing.Hosting.Expectations;
using OsmExt.Yaml;

namespace OsmExt.Testing.Hosting;

/// <content>Clients and applications.</content>
public sealed partial class MeshHost
{
    private readonly ConcurrentDictionary<string, MeshClient> _clients = new(StringComparer.Ordinal);
    private readonly Verdicts _verdicts = new();
    private volatile bool _standIns;

    /// <summary>A pod, as somebody who calls others. What it sends passes its sidecar, if it has one.</summary>
    /// <param name="name"><c>NAMESPACE/NAME</c>; the name alone where only one pod is called so.</param>
    /// <exception cref="ArgumentException">There is no such pod.</exception>
    public MeshClient Pod(string name)
    {
        var pod = _network.Pod(NameOf(name));
        return _clients.GetOrAdd(pod.Name, _ => new(pod.Name, this, pod.ConnectAsync, pod.Sidecar));
    }

    /// <summary>Somebody outside the mesh who can reach its network: no sidecar, no certificate.</summary>
    /// <param name="address">Their address.</param>
    public MeshClient Outside(string address = "198.51.100.1")
    {
        var source = IPAddress.Parse(address);
        return _clients.GetOrAdd(address, _ => new(address, this, (host, port, stop) =>
        {
            var found = IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? literal : _network.Resolve(host, port, "")[0];
            return _network.RouteAsync(new(source, 40000), new(found, port), stop);
        }, null));
    }

    /// <summary>Has a pod run an ASP.NET Core application.</summary>
    /// <param name="pod"><c>NAMESPACE/NAME</c>; the name alone where only one pod is called so.</param>
    /// <param name="map">Maps its endpoints.</param>
    /// <param name="port">The port it listens at; null for those its containers declare, or all when they declare none.</param>
    /// <param name="services">Adds services, for example gRPC's.</param>
    /// <exception cref="ArgumentException">There is no such pod.</exception>
    public void Run(string pod, Action<WebApplication> map, int? port = null, Action<IServiceCollection>? services = null)
    {
        ArgumentNullException.ThrowIfNull(map);
        Listen(pod, port, new HttpApplication(map, services));
    }

    /// <summary>Has a pod run what answers through a handler, such as <c>WebApplicationFactory.Server.CreateHandler()</c>. The caller disposes of it.</summary>
    /// <param name="pod"><c>NAMESPACE/NAME</c>; the name alone where only one pod is called so.</param>
    /// <param name="handler">Answers requests.</param>
    /// <param name="port">The port it listens at; null for those its containers declare, or all when they declare none.</param>
    /// <exception cref="ArgumentException">There is no such pod.</exception>
    public void RunHandler(string pod, HttpMessageHandler handler, int? port = null) => Listen(pod, port, new HandlerApplication(handler));

    /// <summary>Has a pod serve TCP connections.</summary>
    /// <param name="pod"><c>NAMESPACE/NAME</c>; the name alone where only one pod is called so.</param>
    /// <param name="serve">Serves one connection; it is closed when this returns.</param>
    /// <param name="port">The port it listens at; null for those its containers declare, or all when they declare none.</param>
    /// <exception cref="ArgumentException">There is no such pod.</exception>
    public void RunTcp(string pod, Func<Stream, CancellationToken, Task> serve, int? port = null) => Listen(pod, port, new TcpApplication(serve));

    /// <summary>Says that a pod's application runs somewhere else, for example at a port of this machine.</summary>
    /// <param name="pod"><c>NAMESPACE/NAME</c>; the name alone where only one pod is called so.</param>
    /// <param name="address">Where.</param>
    /// <param name="port">The port that stands for in the pod; null for those its containers declare, or all when they declare none.</param>
    /// <exception cref="ArgumentException">There is no such pod.</exception>
    public void RunAt(string pod, IPEndPoint address, int? port = null) => Listen(pod, port, new ExternalPort(address));

    /// <summary>
    /// Has every pod without an application, now and later, answer HTTP requests with success and with JSON: <c>pod</c>, <c>method</c>,
    /// <c>host</c>, <c>path</c> and <c>headers</c>. Enough for tests of policy, which do not ask what applications say.
    /// </summary>
    public void RunStandIns()
    {
        _standIns = true;
        StandIn();
    }

    /// <summary>Has a host outside the mesh run an ASP.NET Core application, at every port.</summary>
    /// <param name="host">Its name, which resolves in the mesh from now on.</param>
    /// <param name="map">Maps its endpoints.</param>
    public void RunOutside(string host, Action<WebApplication> map)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        ArgumentNullException.ThrowIfNull(map);
        _network.Host(host).Listen([], new HttpApplication(map));
    }

    internal (Decision? Decision, string Sentence) Why(RequestText request) => _verdicts.Of(request, State.Snapshot, Get<PluginsInForce>().Current);

    internal string Describe(string client) => _network.Names.Find(client) is { } pod && State.Snapshot.Find<Pod>(new(nameof(Sdk.Resources.Pod), pod.Namespace, pod.Name)) is { } found
        ? $"{client} (ServiceAccount {pod.Namespace}/{found.ServiceAccount}, {string.Join(" and ", pod.Addresses)}{(State.Proxies.Find(found.Key) is null ? ", without a sidecar" : "")})"
        : $"{client}, outside the mesh";

    private void StandIn()
    {
        if (_standIns)
        {
            foreach (var pod in _network.Names.Pods.Select(pod => _network.Pod(pod.ToString())).Where(pod => pod.Applications.IsEmpty))
            {
                pod.Applications.Listen([], new StandIn(pod.Name));
            }
        }
    }

    private void Listen(string pod, int? port, IPodApplication application)
    {
        var runs = _network.Pod(NameOf(pod));
        var declared = runs.Name.Split('/') is [var ns, var name] && State.Snapshot.Find<Pod>(new(nameof(Sdk.Resources.Pod), ns, name)) is { } found
            ? found.Containers.SelectMany(container => container.Ports).Where(candidate => candidate.Transport == "TCP").Select(candidate => candidate.Port).ToArray() : [];
        if (runs.Applications.Listen(port is { } only ? [only] : declared, application))
        {
            runs.Sidecar.Running?.LeaveApplications();
        }
    }

    private string NameOf(string pod)
    {
        ArgumentException.ThrowIfNullOrEmpty(pod);
        string[] all = [.. _network.Names.Pods.Select(candidate => candidate.ToString())];
        string[] meant = pod.Contains('/', StringComparison.Ordinal) ? [.. all.Where(name => name == pod)]
            : [.. all.Where(name => name.EndsWith($"/{pod}", StringComparison.Ordinal))];
        if (meant is [var only])
        {
            return only;
        }

        if (meant.Length > 1)
        {
            throw new ArgumentException($"Several pods are called {pod}: {string.Join(", ", meant)}. Say which.", nameof(pod));
        }

        var closest = Suggestion.Closest(pod, all);
        throw new ArgumentException($"The mesh has no pod {pod}{(closest is null ? "" : $"; did you mean {closest}?")}", nameof(pod));
    }
}
