using System.Net;
using System.Net.Sockets;
using OsmExt.DataPlane.Listeners;
using OsmExt.DataPlane.Tcp;
using OsmExt.DataPlane.Upstream;

namespace OsmExt.DataPlane.Entry;

/// <summary>Brings connections that applications hand in on their way: into the pod's sidecar with where they were meant to go, or around it.</summary>
/// <param name="network">The pod's network.</param>
/// <param name="sidecar">Takes connections; null for a pod without one.</param>
/// <param name="isLive">Whether the sidecar has been told what to do.</param>
/// <param name="dialer">Opens what goes around it.</param>
/// <param name="resolve">Looks up names the mesh does not know.</param>
/// <param name="time">The time.</param>
internal sealed class WayOut(
    Func<LoopbackNetwork> network, Func<Arrival, Task>? sidecar, Func<bool> isLive, IDialer dialer, Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeProvider time)
{
    /// <summary>Finds where a host is and opens the way there, so that the client can be told whether there is one before it sends anything.</summary>
    /// <param name="host">A name or an address.</param>
    /// <param name="port">The port.</param>
    /// <param name="client">Where the application's connection comes from.</param>
    /// <param name="stop">Gives up, and later ends what goes around the sidecar.</param>
    public async Task<Opening> OpenAsync(string host, int port, IPEndPoint client, CancellationToken stop)
    {
        var (address, problem) = await FindAsync(host, stop);
        if (address is null)
        {
            return Opening.Failed(EntryFailure.UnknownHost, problem);
        }

        var destination = new IPEndPoint(address, port);
        var now = network();
        if (now.Outward(destination) == Passage.Sidecar && sidecar is not null)
        {
            return isLive()
                ? Opening.Of(stream => sidecar(new(
                    stream, new(now.AddressFor(address), client.Port), destination, LoopbackNetwork.RedirectedTo(outward: true, port))))
                : Opening.Failed(EntryFailure.NotReady, "The pod's sidecar has not been told yet what to do; try again in a moment.");
        }

        try
        {
            var target = now.Outward(destination) == Passage.Application ? new IPEndPoint(IPAddress.Loopback, port) : destination;
            var upstream = await dialer.DialAsync(target, stop);
            return Opening.Of(stream => RelayAsync(stream, upstream, stop));
        }
        catch (SocketException failure)
        {
            return Opening.Failed(EntryFailure.Unreachable, $"{host}:{port} cannot be reached: {failure.Message}.");
        }
    }

    private async Task<(IPAddress? Address, string Problem)> FindAsync(string host, CancellationToken stop)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            return (literal, "");
        }

        var name = host.TrimEnd('.');
        if (name.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            return (IPAddress.Loopback, "");
        }

        if (network().Names.TryGetValue(name, out var known) && known.Length > 0)
        {
            return (known[0], "");
        }

        try
        {
            var found = await resolve(name, stop);
            return found.Length > 0 ? (found[0], "") : (null, Unknown(host));
        }
        catch (SocketException)
        {
            return (null, Unknown(host));
        }
    }

    private static string Unknown(string host) => $"There is no host {host}: neither a service or pod of the mesh has that name, nor does this machine know it.";

    private async Task RelayAsync(Stream client, Stream upstream, CancellationToken stop)
    {
        await using (client)
        await using (upstream)
        {
            await new Relay(client, upstream, idle: null, time).RunAsync(stop);
        }
    }
}

/// <summary>A way that is open; or why there is none.</summary>
/// <param name="Carry">Serves the client's connection to its end; null when there is no way.</param>
/// <param name="Failure">What kind of problem there is.</param>
/// <param name="Problem">The problem, as a sentence.</param>
internal sealed record Opening(Func<Stream, Task>? Carry, EntryFailure Failure, string Problem)
{
    public static Opening Of(Func<Stream, Task> carry) => new(carry, default, "");

    public static Opening Failed(EntryFailure failure, string problem) => new(null, failure, problem);
}

/// <summary>Why an entry does not let a connection in.</summary>
internal enum EntryFailure
{
    UnknownHost,
    Unreachable,
    NotReady,
}
