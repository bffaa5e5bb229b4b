using System.Collections.Concurrent;
using System.Net.Sockets;
using OsmExt.DataPlane.Tcp;

namespace OsmExt.Testing.Hosting.Sidecars.Envoys;

/// <summary>The connections between Envoys, and from them to applications, that this process passes on.</summary>
internal sealed class Passages(TimeProvider time)
{
    private readonly ConcurrentDictionary<(SocketEnd Near, Stream Far), bool> _open = [];

    /// <summary>Whether every end that there is has been passed on: who has closed a connection is seen to have.</summary>
    public bool AreQuiet => _open.Keys.All(passage => passage.Far is not SocketEnd far || !((passage.Near.IsAtEnd && !far.IsWriteClosed) || (far.IsAtEnd && !passage.Near.IsWriteClosed)));

    /// <summary>Passes on what comes, both ways, until both have said all they have to say.</summary>
    public async Task JoinAsync(SocketEnd near, Stream stream, CancellationToken stop)
    {
        var far = stream is NetworkStream network ? new SocketEnd(network.Socket) : stream;
        await using (far.ConfigureAwait(false))
        {
            _open[(near, far)] = true;
            try
            {
                await new Relay(near, far, idle: null, time).RunAsync(stop).ConfigureAwait(false);
            }
            finally
            {
                _open.TryRemove((near, far), out _);
            }
        }
    }
}
