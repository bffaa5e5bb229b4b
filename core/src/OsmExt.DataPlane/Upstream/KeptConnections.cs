using System.Collections.Concurrent;
using System.Globalization;

namespace OsmExt.DataPlane.Upstream;

/// <summary>
/// The connections that are kept to an endpoint for further requests. When the endpoint is no longer one of its cluster's, they are closed as soon as no request is
/// under way, once and for all: what comes later, also when the endpoint comes back, begins with others. So no request is sent on a connection that is just being closed.
/// </summary>
internal sealed class KeptConnections
{
    private static long _count;
    private readonly ConcurrentDictionary<string, KeptConnections> _all;
    private readonly Lock _lock = new();
    private readonly HashSet<Stream> _open = [];
    private int _requests;
    private bool _retired;
    private bool _closed;

    /// <param name="host">The endpoint.</param>
    /// <param name="retired">Whether it is no longer one of its cluster's already.</param>
    /// <param name="all">All that are not closed, by <see cref="Name"/>.</param>
    public KeptConnections(UpstreamHost host, bool retired, ConcurrentDictionary<string, KeptConnections> all)
    {
        (Host, _retired, _all) = (host, retired, all);
        Name = string.Create(CultureInfo.InvariantCulture, $"kept-{Interlocked.Increment(ref _count)}");
        Prefix = $"http://{Name}/";
        all[Name] = this;
    }

    public UpstreamHost Host { get; }

    /// <summary>What the client library knows them by: the host in requests' URIs.</summary>
    public string Name { get; }

    /// <summary>How the URIs of requests begin that go by one of them.</summary>
    public string Prefix { get; }

    /// <summary>A request begins. False when they are closed.</summary>
    public bool TryBegin()
    {
        lock (_lock)
        {
            _requests += _closed ? 0 : 1;
            return !_closed;
        }
    }

    /// <summary>A request has ended.</summary>
    public void End() => Change(-1, retires: false);

    /// <summary>The endpoint is not one of its cluster's any longer.</summary>
    public void Retire() => Change(0, retires: true);

    /// <summary>The endpoint is one of its cluster's again. False when they are closed.</summary>
    public bool TryReturn()
    {
        lock (_lock)
        {
            _retired &= _closed;
            return !_closed;
        }
    }

    /// <summary>Takes in a connection. False when they are closed, so that it has to be, too.</summary>
    public bool TryKeep(Stream connection)
    {
        lock (_lock)
        {
            return !_closed && _open.Add(connection);
        }
    }

    public void Leave(Stream connection)
    {
        lock (_lock)
        {
            _open.Remove(connection);
        }
    }

    private void Change(int requests, bool retires)
    {
        Stream[] open;
        lock (_lock)
        {
            _requests += requests;
            _retired |= retires;
            if (!_retired || _requests > 0 || _closed)
            {
                return;
            }

            _closed = true;
            open = [.. _open];
        }

        _all.TryRemove(Name, out _);
        foreach (var connection in open)
        {
            connection.Dispose();
        }
    }
}
