using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Envoy.Config.Listener.V3;
using OsmExt.Simulation.Listeners;

namespace OsmExt.DataPlane.Listeners;

/// <summary>The sockets of the listeners that are bound. A socket stays as long as some listener has its address.</summary>
internal sealed class Bindings(TrafficOptions options, Action<Socket, IPEndPoint> accepted) : IAsyncDisposable
{
    private const int Backlog = 1024;
    private readonly Dictionary<IPEndPoint, Bound> _bound = [];

    /// <summary>Where listeners are bound, by name.</summary>
    public IReadOnlyList<(string Listener, IPEndPoint Address)> All => [.. _bound.Values.Select(bound => (bound.Listener, bound.Acceptor.Address))];

    /// <summary>
    /// Whose connections come in at an address, in this configuration: a connection may have been accepted for a listener that has been replaced by another since.
    /// </summary>
    public Listener? At(IPEndPoint address, ImmutableArray<Listener> listeners)
        => listeners.FirstOrDefault(listener => ListenerChoice.IsBound(listener) && ListenerChoice.Addresses(listener).Select(Here).Contains(address));

    /// <summary>Binds what is new, then lets go of what is no longer there.</summary>
    /// <returns>What could not be bound.</returns>
    public async Task<IReadOnlyList<ListenerException>> ApplyAsync(IEnumerable<Listener> listeners)
    {
        if (!options.Binds)
        {
            return [];
        }

        var problems = new List<ListenerException>();
        var wanted = new Dictionary<IPEndPoint, string>();
        foreach (var listener in listeners.Where(ListenerChoice.IsBound))
        {
            foreach (var address in ListenerChoice.Addresses(listener).Select(Here))
            {
                wanted.TryAdd(address, listener.Name);
            }
        }

        // An address may be free only when who has it now is gone: the wildcard and one address of the same port exclude each other.
        foreach (var gone in _bound.Keys.Where(address => !wanted.ContainsKey(address)).ToArray())
        {
            await _bound[gone].Acceptor.DisposeAsync();
            _bound.Remove(gone);
        }

        foreach (var (address, name) in wanted)
        {
            if (_bound.TryGetValue(address, out var bound))
            {
                _bound[address] = bound with { Listener = name };
                continue;
            }

            try
            {
                _bound[address] = new(name, new(address, Backlog, socket => accepted(socket, address)));
            }
            catch (SocketException failure)
            {
                problems.Add(new(name, $"cannot bind {address}: {failure.Message}"));
            }
        }

        return problems;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var bound in _bound.Values)
        {
            await bound.Acceptor.DisposeAsync();
        }

        _bound.Clear();
    }

    private IPEndPoint Here(IPEndPoint address)
        => options.BindAddress is { } here && ListenerChoice.IsWildcard(address) ? new(here, address.Port) : address;

    private sealed record Bound(string Listener, Acceptor Acceptor);
}
