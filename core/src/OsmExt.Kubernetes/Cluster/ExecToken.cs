using System.Net.Http.Headers;
using k8s.Authentication;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>A credential plugin's token, asked for anew when it has ended.</summary>
internal sealed class ExecToken(ExecPlugin plugin, ExecCredential first, TimeProvider time) : ITokenProvider, IDisposable
{
    // Nobody's clock is exact, and a request takes its time.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(30);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private ExecCredential _current = first;

    /// <inheritdoc/>
    public async Task<AuthenticationHeaderValue> GetAuthenticationHeaderAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_current.Ends is { } ends && ends - Margin <= time.GetUtcNow())
            {
                _current = await plugin.AskAsync(cancellationToken).ConfigureAwait(false);
            }

            return new("Bearer", _current.Token);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();
}
