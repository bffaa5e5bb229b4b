using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OsmExt.Sdk.Resources;
using OsmExt.Testing.Hosting.Applications;
using OsmExt.Yaml;

namespace OsmExt.Testing.Hosting;

/// <content>Clients and applications.</content>
public sealed partial class MeshHost
{
    private readonly ConcurrentBag<MeshClient> _clients = [];

    /// <summary>A pod, as somebody who calls others. What it sends passes its sidecar, if it has one.</summary>
    /// <param name="name"><c>NAMESPACE/NAME</c>; the name alone where only one pod is called so.</param>
    /// <exception cref="ArgumentException">There is no such pod.</exception>
    public MeshClient Pod(string name)
    {
        var pod = _network.Pod(NameOf(name));
        return Kept(new(pod.Name, this, pod.ConnectAsync));
    }

    /// <summary>Somebody outside the mesh who can reach its network: no sidecar, no certificate.</summary>
    /// <param name="address">Their address.</param>
    public MeshClient Outside(string address = "198.51.100.1")
    {
        var source = IPAddress.Parse(address);
        return Kept(new(address, this, (host, port, stop) =>
        {
            var found = IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? literal : _network.Resolve(host, port, "")[0];
            return _network.RouteAsync(new(source, 40000), new(found, port), stop);
        }));
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

    private MeshClient Kept(MeshClient client)
    {
        _clients.Add(client);
        return client;
    }

    private void Listen(string pod, int? port, IPodApplication application)
    {
        var runs = _network.Pod(NameOf(pod));
        var declared = runs.Name.Split('/') is [var ns, var name] && State.Snapshot.Find<Pod>(new(nameof(Sdk.Resources.Pod), ns, name)) is { } found
            ? found.Containers.SelectMany(container => container.Ports).Where(candidate => candidate.Transport == "TCP").Select(candidate => candidate.Port).ToArray() : [];
        foreach (var at in port is not null || declared.Length == 0 ? [port] : declared.Cast<int?>())
        {
            runs.Applications.Listen(at, application);
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
