using System.Net.Http.Headers;
using k8s.Authentication;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>A token in a file that somebody renews: read anew every minute, and the last one kept when it cannot be.</summary>
internal sealed class FileToken(string file, Func<string> read, TimeProvider time) : ITokenProvider
{
    private static readonly TimeSpan Age = TimeSpan.FromMinutes(1);
    private readonly Lock _lock = new();
    private (string Token, DateTimeOffset Read)? _last;

    /// <inheritdoc/>
    public Task<AuthenticationHeaderValue> GetAuthenticationHeaderAsync(CancellationToken cancellationToken) => Task.FromResult(new AuthenticationHeaderValue("Bearer", Current()));

    private string Current()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (_last is { } last && now - last.Read < Age)
            {
                return last.Token;
            }

            try
            {
                var token = read().Trim();
                _last = (token.Length > 0 ? token : throw new ClusterConnectionException($"the token file {file} is empty"), now);
            }
            catch (Exception failure) when (_last is not null && failure is IOException or UnauthorizedAccessException or ClusterConnectionException)
            {
                return _last!.Value.Token;
            }

            return _last.Value.Token;
        }
    }
}
