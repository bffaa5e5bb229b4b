using Envoy.Extensions.TransportSockets.Tls.V3;
using OsmExt.Simulation.Tls;

namespace OsmExt.Simulation.Tests.Tls;

public class PeerValidationTests
{
    private static readonly PeerCertificate Peer = new(["spiffe://d/me/ns"], ["me.ns.d", "*.wild.d"]);

    private static readonly ProxyConfiguration Proxy = new("p",
        [Yaml.Resource<Secret>("named", "name: named\nvalidation_context: {match_typed_subject_alt_names: [{san_type: URI, matcher: {exact: 'spiffe://d/you/ns'}}]}")], null);

    [Theory]
    [InlineData("{}", true)] // without a validation context anybody is taken
    [InlineData("{validation_context: {trusted_ca: {inline_string: x}}}", true)]
    [InlineData("{validation_context: {match_typed_subject_alt_names: [{san_type: URI, matcher: {exact: 'spiffe://d/me/ns'}}]}}", true)]
    [InlineData("{validation_context: {match_typed_subject_alt_names: [{san_type: URI, matcher: {exact: me.ns.d}}]}}", false)] // names count by type
    [InlineData("{validation_context: {match_typed_subject_alt_names: [{san_type: DNS, matcher: {exact: ME.ns.d}}]}}", true)]
    [InlineData("{validation_context: {match_typed_subject_alt_names: [{san_type: DNS, matcher: {exact: a.wild.d}}]}}", true)]
    [InlineData("{validation_context: {match_typed_subject_alt_names: [{san_type: DNS, matcher: {exact: a.b.wild.d}}]}}", false)]
    [InlineData("{validation_context_sds_secret_config: {name: named}}", false)]
    [InlineData("{validation_context_sds_secret_config: {name: missing}}", false)] // closed until it comes
    [InlineData("{combined_validation_context: {default_validation_context: {}, validation_context_sds_secret_config: {name: named}}}", false)]
    public void Names_decide_who_is_taken(string context, bool accepted)
        => Assert.Equal(accepted, PeerValidation.Refuses(Proxy, Yaml.Read<CommonTlsContext>(context), Peer, "t") is null);

    [Fact]
    public void What_is_not_known_is_no_guess()
        => Assert.Throws<UndecidedException>(() => PeerValidation.Refuses(Proxy,
            Yaml.Read<CommonTlsContext>("{validation_context: {verify_certificate_hash: [ab]}}"), Peer, "t"));
}
