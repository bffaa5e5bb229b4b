using OsmExt.Xds.Snapshots;

namespace OsmExt.Xds.Tests.Protocol;

/// <summary>Virtual hosts follow their route configuration, because a client drops those it has no route configuration for.</summary>
public sealed class VirtualHostTests
{
    private readonly Wire _wire = Wire.Of("delta");

    [Fact]
    public void They_go_once_the_client_has_the_route_configuration()
    {
        Begin();
        Assert.Equal(["RDS r"], _wire.Sent());
        _wire.Ask("VHDS");
        Assert.Empty(_wire.Sent());
        _wire.Ack("RDS");
        Assert.Equal(["VHDS r/a r/b"], _wire.Settle());
    }

    [Fact]
    public void They_go_too_when_the_client_asks_after_it_has_the_route_configuration()
    {
        Begin();
        Assert.Equal(["RDS r"], _wire.Settle());
        _wire.Ask("VHDS");
        Assert.Equal(["VHDS r/a r/b"], _wire.Settle());
    }

    [Fact]
    public void Those_of_another_route_configuration_follow_that_one()
    {
        Settle();
        _wire.Change(Some.VirtualHost("s/a"), Some.Route("s"));
        Assert.Empty(_wire.Settle());
        _wire.Ask("RDS", "s");
        Assert.Equal(["RDS s", "VHDS s/a"], _wire.Settle());
    }

    [Fact]
    public void A_refused_route_configuration_gets_none()
    {
        Begin();
        _wire.Ask("VHDS");
        Assert.Equal(["RDS r"], _wire.Sent());
        _wire.Nack("RDS", "r is bad");
        Assert.Equal(["VHDS"], _wire.Settle());
        _wire.Change(Some.Route("r", 2));
        Assert.Equal(["RDS r", "VHDS r/a r/b"], _wire.Settle());
    }

    [Fact]
    public void One_that_changed_is_sent_alone()
    {
        Settle();
        _wire.Change(Some.VirtualHost("r/b", 2));
        Assert.Equal(["VHDS r/b"], _wire.Settle());
    }

    [Fact]
    public void What_goes_and_what_comes_is_one_response_so_that_a_domain_can_pass_from_one_to_the_other()
    {
        Settle();
        _wire.Patch(XdsChange.Remove(Wire.TypeUrl("VHDS"), "r/a"), XdsChange.Set(Some.VirtualHost("r/c")));
        Assert.Equal(["VHDS r/c -r/a"], _wire.Settle());
        _wire.Remove("VHDS", "r/c");
        Assert.Equal(["VHDS -r/c"], _wire.Settle());
    }

    [Fact]
    public void A_removal_that_was_refused_along_with_something_else_is_said_again()
    {
        Settle();
        _wire.Patch(XdsChange.Remove(Wire.TypeUrl("VHDS"), "r/a"), XdsChange.Set(Some.VirtualHost("r/c")));
        Assert.Equal(["VHDS r/c -r/a"], _wire.Sent());
        _wire.Nack("VHDS", "domain twice");
        Assert.Equal(["VHDS -r/a"], _wire.Settle());
    }

    [Fact]
    public void A_route_configuration_that_comes_back_gets_all_of_its_again()
    {
        Settle();
        _wire.Unsubscribe("RDS", "r");
        Assert.Equal(["VHDS -r/a -r/b"], _wire.Settle());
        _wire.Change(Some.VirtualHost("r/b", 2));
        Assert.Empty(_wire.Settle());
        _wire.Ask("RDS", "r");
        Assert.Equal(["RDS r", "VHDS r/a r/b"], _wire.Settle());
    }

    [Theory]
    [InlineData("RDS", "VHDS")]
    [InlineData("VHDS", "RDS")]
    public void A_client_that_comes_back_with_everything_is_sent_nothing(string first, string second)
    {
        Settle();
        var versions = Types("RDS", "VHDS").ToDictionary(type => type, type => _wire.State.Subscriptions
            .Single(subscription => subscription.TypeUrl == Wire.TypeUrl(type)).Holdings);
        _wire.Reconnect();
        foreach (var type in Types(first, second))
        {
            var held = versions[type].Names.ToDictionary(name => name, name => versions[type].SentVersion(name)!);
            _wire.Resume(type, held, type == "RDS" ? ["r"] : []);
        }

        Assert.Equal(["RDS", "VHDS"], _wire.Settle());
    }

    [Fact]
    public void Who_asks_for_one_by_name_gets_it()
    {
        _wire.Publish(Some.Route("r"), Some.VirtualHost("r/a"), Some.VirtualHost("r/b"));
        _wire.Ask("VHDS", "r/b");
        Assert.Equal(["VHDS r/b"], _wire.Settle());
    }

    [Fact]
    public void In_the_state_of_the_world_there_is_nothing_special_about_them()
    {
        var wire = Wire.Of("sotw").Publish(Some.VirtualHost("r/a"));
        wire.Ask("VHDS", "r/a");
        Assert.Equal(["VHDS r/a"], wire.Settle());
    }

    private static string[] Types(params string[] types) => types;

    private void Begin()
    {
        _wire.Publish(Some.Route("r"), Some.VirtualHost("r/a"), Some.VirtualHost("r/b"));
        _wire.Ask("RDS", "r");
    }

    private void Settle()
    {
        Begin();
        _wire.Ask("VHDS");
        Assert.Equal(["RDS r", "VHDS r/a r/b"], _wire.Settle());
    }
}
