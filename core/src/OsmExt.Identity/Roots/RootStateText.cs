using System.Text.Json;
using OsmExt.Sdk.Collections;

namespace OsmExt.Identity.Roots;

/// <summary>Which root does what, as JSON.</summary>
internal static class RootStateText
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static string Of(RootState state) => JsonSerializer.Serialize(Document.Of(state), Format);

    /// <exception cref="JsonException">It is something else.</exception>
    public static RootState Read(string text, string firstTrustDomain)
        => JsonSerializer.Deserialize<Document>(text, Format)?.ToState(firstTrustDomain) ?? throw new JsonException("it is empty");

    // Trust domains were not written down while they could not change.
    private sealed record Document(string Signing, string[] Trusted, string XdsServer, string[] XdsTrusted, DomainDocument? Domains)
    {
        public static Document Of(RootState state)
            => new(state.Signing, [.. state.Trusted], state.XdsServer, [.. state.XdsTrusted], DomainDocument.Of(state.Domains));

        public RootState ToState(string firstTrustDomain)
            => Signing is null || Trusted is null || XdsServer is null || XdsTrusted is null
                ? throw new JsonException("a field is missing")
                : new(Signing, Trusted.ToEquatableArray(), XdsServer, XdsTrusted.ToEquatableArray(),
                    Domains?.ToState() ?? DomainState.Only(firstTrustDomain));
    }

    private sealed record DomainDocument(
        string Issuing, string[] Accepted, int Changes, int ConnectionsAfter, string XdsServer, string[] XdsAccepted)
    {
        public static DomainDocument Of(DomainState state)
            => new(state.Issuing, [.. state.Accepted], state.Changes, state.ConnectionsAfter, state.XdsServer, [.. state.XdsAccepted]);

        public DomainState ToState()
            => Issuing is null || Accepted is null || XdsServer is null || XdsAccepted is null
                ? throw new JsonException("a field of domains is missing")
                : new(Issuing, Accepted.ToEquatableArray(), XdsServer, XdsAccepted.ToEquatableArray())
                {
                    Changes = Changes, ConnectionsAfter = ConnectionsAfter,
                };
    }
}
