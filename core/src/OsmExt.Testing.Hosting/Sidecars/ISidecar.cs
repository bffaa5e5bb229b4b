using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace OsmExt.Testing.Hosting.Sidecars;

/// <summary>A pod's sidecar that runs, whichever data plane it is.</summary>
internal interface ISidecar : IAsyncDisposable
{
    /// <summary>What it proves itself to other sidecars with now; null before it has anything. The caller disposes of it.</summary>
    X509Certificate2? Certificate { get; }

    /// <summary>Whether the same requests are divided the same way each time.</summary>
    bool DrawsBySeed { get; }

    /// <summary>Opens a connection to it, as interception would.</summary>
    /// <param name="source">From where, as it shall see it.</param>
    /// <param name="destination">To where it was opened before interception.</param>
    /// <param name="redirectedTo">The port interception sends it to; 0 when it is dialled directly.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="System.Net.Sockets.SocketException">Nobody listens there.</exception>
    ValueTask<Stream> OpenAsync(IPEndPoint source, IPEndPoint destination, int redirectedTo, CancellationToken stop);

    /// <summary>An application of its pod has ended, and with it every connection that the sidecar had kept to it.</summary>
    void LeaveApplications();

    /// <summary>What it has been sent and does not act by yet, in words; null when there is nothing.</summary>
    ValueTask<string?> WaitsForAsync();

    /// <summary>What its admin endpoint says.</summary>
    Task<string> ReadAdminAsync(string path);

    /// <summary>How many requests it has sent to each cluster so far.</summary>
    Task<IReadOnlyDictionary<string, long>> CountRequestsAsync();
}
