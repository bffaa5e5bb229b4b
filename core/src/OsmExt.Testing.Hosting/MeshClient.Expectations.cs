using System.Globalization;
using OsmExt.Simulation;
using OsmExt.Testing.Hosting.Expectations;

namespace OsmExt.Testing.Hosting;

/// <content>What tests expect.</content>
public sealed partial class MeshClient
{
    private const int Ok = 200;
    private const int BadRequest = 400;
    private const int Again = 9;

    /// <summary>Expects that a request is answered with success (2xx or 3xx).</summary>
    /// <param name="uri">For example <c>http://store/books</c>.</param>
    /// <param name="method">The method.</param>
    /// <param name="headers">Headers besides those that are always there.</param>
    /// <exception cref="MeshExpectationException">It is not; the message says why.</exception>
    public async Task ShouldReach(string uri, string method = "GET", params (string Name, string Value)[] headers)
    {
        var attempt = Attempt.Of(uri, method, headers);
        var (status, got) = await attempt.SendAsync(Http).ConfigureAwait(false);
        if (status is not (>= Ok and < BadRequest))
        {
            throw Unexpected(attempt, "to be answered with success (2xx or 3xx)", got);
        }
    }

    /// <summary>Expects that the mesh refuses a request: by an answer of its own, by closing the connection, or because there is no way.</summary>
    /// <param name="uri">For example <c>http://store/books</c>.</param>
    /// <param name="method">The method.</param>
    /// <param name="headers">Headers besides those that are always there.</param>
    /// <exception cref="MeshExpectationException">It is answered, or it fails although the mesh lets it through; the message says why.</exception>
    public async Task ShouldBeDenied(string uri, string method = "GET", params (string Name, string Value)[] headers)
    {
        var attempt = Attempt.Of(uri, method, headers);
        var (status, got) = await attempt.SendAsync(Http).ConfigureAwait(false);
        // An application that says 403 itself is no proof of the mesh's policy.
        if (status is >= Ok and < BadRequest || _mesh.Why(attempt.From(Name)).Decision is { Verdict: Verdict.Allow })
        {
            throw Unexpected(attempt, "to be refused by the mesh", got);
        }
    }

    /// <summary>Expects a status, whoever answers with it.</summary>
    /// <param name="uri">For example <c>http://store/books</c>.</param>
    /// <param name="status">The status.</param>
    /// <param name="method">The method.</param>
    /// <param name="headers">Headers besides those that are always there.</param>
    /// <exception cref="MeshExpectationException">Another comes, or none; the message says why.</exception>
    public async Task ShouldGet(string uri, int status, string method = "GET", params (string Name, string Value)[] headers)
    {
        var attempt = Attempt.Of(uri, method, headers);
        var (found, got) = await attempt.SendAsync(Http).ConfigureAwait(false);
        if (found != status)
        {
            throw Unexpected(attempt, string.Create(CultureInfo.InvariantCulture, $"status {status}"), got);
        }
    }

    /// <summary>Expects that requests are divided among services. Draws of embedded sidecars begin at the mesh's seed, so a test comes out the
    /// same each time; those of Envoys do not, and where their shares differ after as many requests, those after ten times as many count.</summary>
    /// <param name="uri">For example <c>http://store/books</c>.</param>
    /// <param name="percent">The share of each service, <c>NAMESPACE/NAME</c>, in percent; those that are missing get nothing.</param>
    /// <param name="within">By how many points of a hundred a share may differ.</param>
    /// <param name="requests">How many requests are sent.</param>
    /// <exception cref="MeshExpectationException">They are not, or requests fail; the message has the shares.</exception>
    /// <exception cref="InvalidOperationException">This client has no sidecar, so nothing divides its requests.</exception>
    public async Task ShouldSplit(string uri, IReadOnlyDictionary<string, double> percent, double within = 3, int requests = 1000)
    {
        ArgumentNullException.ThrowIfNull(percent);
        var attempt = Attempt.Of(uri, "GET", []);
        var sidecar = _sidecar is null ? null : await _sidecar.GetAsync(CancellationToken.None).ConfigureAwait(false);
        if (sidecar is null)
        {
            throw new InvalidOperationException($"{Name} has no sidecar, so nothing divides its requests.");
        }

        var before = await CountAsync().ConfigureAwait(false);
        var (sent, failures) = (0, new List<string>());
        var shares = await SendAsync(requests).ConfigureAwait(false);
        if (!sidecar.DrawsBySeed && failures.Count == 0 && shares.Any(Differs))
        {
            // Nobody knows how these draws come out, so chance is given less room before it counts.
            shares = await SendAsync(Again * requests).ConfigureAwait(false);
        }

        if (failures.Count > 0 || shares.Any(Differs))
        {
            var failed = failures.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {failures.Count} of {sent} requests failed, the first with {failures[0]}");
            throw Unexpected(attempt, $"{string.Join(", ", shares.Select(share => $"{share.Service} {Attempt.Percent(share.Wanted)}"))} (within {within.ToString(CultureInfo.InvariantCulture)} points)",
                $"{string.Join(", ", shares.Select(share => $"{share.Service} {Attempt.Percent(share.Got)}"))}{failed}",
                $"\n  the mesh's policy: {Attempt.Shares(_mesh.Why(attempt.From(Name)).Decision)}");
        }

        bool Differs((string Service, double Wanted, double Got) share) => Math.Abs(share.Wanted - share.Got) > within;

        async Task<(string Service, double Wanted, double Got)[]> SendAsync(int more)
        {
            for (var until = sent + more; sent < until; sent++)
            {
                var (status, got) = await attempt.SendAsync(Http).ConfigureAwait(false);
                if (status is null or >= 500)
                {
                    failures.Add(got);
                }
            }

            var counted = (await CountAsync().ConfigureAwait(false)).ToDictionary(entry => entry.Key, entry => entry.Value - before.GetValueOrDefault(entry.Key), StringComparer.Ordinal);
            return [.. percent.Keys.Union(counted.Where(entry => entry.Value > 0).Select(entry => entry.Key), StringComparer.Ordinal).Order(StringComparer.Ordinal)
                .Select(service => (service, percent.GetValueOrDefault(service), 100.0 * counted.GetValueOrDefault(service) / sent))];
        }

        async Task<Dictionary<string, long>> CountAsync() => (await sidecar.CountRequestsAsync().ConfigureAwait(false))
            .GroupBy(cluster => Attempt.ServiceOf(cluster.Key), StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Sum(cluster => cluster.Value), StringComparer.Ordinal);
    }

    /// <summary>What <c>osm why</c> says of a request: which object decides, and what would reverse that.</summary>
    /// <param name="uri">For example <c>http://store/books</c>.</param>
    /// <param name="method">The method.</param>
    /// <param name="headers">Headers besides those that are always there.</param>
    public string Why(string uri, string method = "GET", params (string Name, string Value)[] headers)
        => _mesh.Why(Attempt.Of(uri, method, headers).From(Name)).Sentence;

    private MeshExpectationException Unexpected(Attempt attempt, string expected, string got, string more = "") => new($"""
        {Name} → {attempt} is not as expected.
          who:      {_mesh.Describe(Name)}
          to:       {attempt}
          expected: {expected}
          got:      {got}
          why:      {_mesh.Why(attempt.From(Name)).Sentence}{more}
        """);
}
