using Envoy.Config.Rbac.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Http.Rbac.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf.WellKnownTypes;
using OsmExt.ControlPlane.Roots;
using OsmExt.Envoy;
using Policy = Envoy.Config.Rbac.V3.Policy;
using RBAC = Envoy.Config.Rbac.V3.RBAC;

namespace OsmExt.ControlPlane.Tests.Roots;

/// <summary>In which trust domains a resource knows those it names.</summary>
public class PrincipalDomainsTests
{
    private readonly PrincipalDomains _domains = new();

    [Fact]
    public void A_domain_counts_when_nobody_is_left_out_in_it()
    {
        Assert.Null(_domains.Of(Names("urn:osm:nobody")));
        Assert.Equal(["a.example"], _domains.Of(Names("spiffe://a.example/buyer/shop"))!);
        Assert.Equal(
            ["a.example", "b.example"],
            _domains.Of(Names("spiffe://a.example/buyer/shop", "spiffe://b.example/buyer/shop"))!.Order(StringComparer.Ordinal));
        Assert.Equal(
            ["a.example"],
            _domains.Of(Names("spiffe://a.example/buyer/shop", "spiffe://b.example/buyer/shop", "spiffe://a.example/till/shop"))!);
        Assert.Empty(_domains.Of(Names("spiffe://a.example/buyer/shop", "spiffe://b.example/till/shop"))!);
    }

    // Rules are packed in routes, and their policies are entries of a map.
    [Fact]
    public void Names_are_found_wherever_they_stand()
    {
        var rules = new RBAC
        {
            Policies =
            {
                ["one"] = new Policy { Principals = { Is("spiffe://a.example/buyer/shop"), Is("spiffe://b.example/buyer/shop") } },
                ["two"] = new Policy { Principals = { new Principal { OrIds = new() { Ids = { Is("spiffe://b.example/till/shop") } } } } },
            },
        };
        var routes = new RouteConfiguration
        {
            Name = "routes",
            VirtualHosts = { new VirtualHost { Name = "host", TypedPerFilterConfig = { ["rbac"] = Any.Pack(new RBACPerRoute { Rbac = new() { Rules = rules } }) } } },
        };

        Assert.Equal(["b.example"], _domains.Of(XdsResource.Create(routes, "routes"))!);
        Assert.Null(_domains.Of(XdsResource.Create(new RouteConfiguration { Name = "none" }, "none")));
    }

    private static Principal Is(string name) => new() { Authenticated = new() { PrincipalName = new() { Exact = name } } };

    private static XdsResource Names(params string[] names)
    {
        var context = new CertificateValidationContext();
        context.MatchTypedSubjectAltNames.AddRange(names.Select(name => new SubjectAltNameMatcher
        {
            SanType = SubjectAltNameMatcher.Types.SanType.Uri, Matcher = new() { Exact = name },
        }));
        return XdsResource.Create(new Secret { Name = "trust", ValidationContext = context }, "trust");
    }
}
