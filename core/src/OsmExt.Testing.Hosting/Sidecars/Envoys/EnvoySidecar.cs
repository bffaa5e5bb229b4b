using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf.WellKnownTypes;
using OsmExt.DataPlane.Entry;
using OsmExt.DataPlane.Tls;
using OsmExt.Envoy;

namespace OsmExt.Testing.Hosting.Sidecars.Envoys;

/// <summary>A pod's Envoy: a process of its own, in a folder of sockets.</summary>
internal sealed class EnvoySidecar(string pod, SocketFolder at, Exits exits, Passages passages, Action forget) : ISidecar
{
    private readonly EnvoyAdmin _admin = new(at.Admin);
    private EnvoyProcess? _process;
    private volatile Secret? _own;

    public X509Certificate2? Certificate => _own is { } secret ? X509Certificate2.CreateFromPem(Credential.Text(secret.TlsCertificate.CertificateChain)) : null;

    public bool DrawsBySeed => false;

    /// <summary>Its process.</summary>
    public int Id => _process!.Id;

    /// <summary>Gives what comes from the control plane the form it has for this Envoy.</summary>
    public void Change(DeltaDiscoveryResponse response, Func<Any, Any> form)
    {
        foreach (var resource in response.Resources.Where(resource => resource.Resource_ is not null))
        {
            resource.Resource_ = form(resource.Resource_);
            if (response.TypeUrl == TypeUrls.Secret && Secret.Parser.ParseFrom(resource.Resource_.Value) is { TlsCertificate: not null } secret)
            {
                _own = secret;
            }
        }
    }

    /// <summary>Runs its process, and waits until it takes connections.</summary>
    /// <exception cref="InvalidOperationException">It cannot be started, or ends.</exception>
    /// <exception cref="TimeoutException">It does not.</exception>
    public async Task RunAsync(EnvoyProcess process, TimeSpan bound)
    {
        _process = process;
        var start = TimeProvider.System.GetTimestamp();
        while (!await _admin.IsReadyAsync().ConfigureAwait(false))
        {
            if (process.HasEnded)
            {
                throw process.Ended(pod);
            }

            if (TimeProvider.System.GetElapsedTime(start) > bound)
            {
                throw new TimeoutException();
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System).ConfigureAwait(false);
        }
    }

    public async ValueTask<Stream> OpenAsync(IPEndPoint source, IPEndPoint destination, int redirectedTo, CancellationToken stop)
    {
        if (_process!.HasEnded)
        {
            throw _process.Ended(pod);
        }

        var stream = await SocketFolder.ConnectAsync(at.Listener(redirectedTo == 0 ? destination.Port : redirectedTo), stop).ConfigureAwait(false);
        await stream.WriteAsync(ProxyHeader.Write(source, destination), stop).ConfigureAwait(false);
        return stream;
    }

    public void LeaveApplications() => exits.CloseOwn();

    public async ValueTask<string?> WaitsForAsync()
    {
        if (_process!.HasEnded)
        {
            throw _process.Ended(pod);
        }

        if (await _admin.MovingAsync().ConfigureAwait(false) is { Length: > 0 } moving)
        {
            return moving;
        }

        // Its main thread has told the worker; who is served twice, one time after the other, is served by a worker that has heard.
        await TurnAsync().ConfigureAwait(false);
        await TurnAsync().ConfigureAwait(false);
        return passages.AreQuiet ? null : "connections that have ended are about to be closed";
    }

    public Task<string> ReadAdminAsync(string path) => _admin.ReadAsync(path);

    public Task<IReadOnlyDictionary<string, long>> CountRequestsAsync() => _admin.CountRequestsAsync();

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync().ConfigureAwait(false);
        }

        forget();
        exits.Dispose();
        _admin.Dispose();
    }

    private async Task TurnAsync()
    {
        using var limit = new CancellationTokenSource(SidecarStart.Bound, TimeProvider.System);
        var turn = await SocketFolder.ConnectAsync(at.Turn, limit.Token).ConfigureAwait(false);
        await using (turn.ConfigureAwait(false))
        {
            try
            {
                _ = await turn.ReadAsync(new byte[1], limit.Token).ConfigureAwait(false);
            }
            catch (IOException failure) when (failure.InnerException is SocketException)
            {
                // Let go of in haste is let go of.
            }
        }
    }
}
