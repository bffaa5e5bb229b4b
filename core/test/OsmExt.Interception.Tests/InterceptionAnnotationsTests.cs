using OsmExt.Sdk.Diagnostics;

namespace OsmExt.Interception.Tests;

public sealed class InterceptionAnnotationsTests
{
    [Fact]
    public void Lists_of_pod_and_mesh_are_joined_without_repeats()
    {
        var mesh = new InterceptionOptions { OutboundPortExclusions = [25, 80], OutboundRangeExclusions = ["10.0.0.0/8"], InterfaceExclusions = ["net1"] };
        var pod = Objects.Pod("shop", "cart")
            .With(InterceptionAnnotations.OutboundPorts, "443, 80")
            .With(InterceptionAnnotations.InboundPorts, "9000")
            .With(InterceptionAnnotations.OutboundRanges, "192.0.2.7/24,10.0.0.0/8")
            .With(InterceptionAnnotations.OutboundInclusions, "10.96.0.0/16");
        var diagnostics = new List<Diagnostic>();

        var options = InterceptionAnnotations.Read(pod, mesh, diagnostics);

        Assert.Empty(diagnostics);
        Assert.Equal(
            new InterceptionOptions
            {
                OutboundPortExclusions = [25, 80, 443],
                InboundPortExclusions = [9000],
                OutboundRangeExclusions = ["192.0.2.0/24", "10.0.0.0/8"],
                OutboundRangeInclusions = ["10.96.0.0/16"],
                InterfaceExclusions = ["net1"],
            },
            options);
    }

    [Theory]
    [InlineData(InterceptionAnnotations.OutboundPorts, "80,http", "'http' is not a port")]
    [InlineData(InterceptionAnnotations.OutboundPorts, "0", "'0' is not a port")]
    [InlineData(InterceptionAnnotations.InboundPorts, "65536", "'65536' is not a port")]
    [InlineData(InterceptionAnnotations.InboundPorts, "", "'' is not a port")]
    [InlineData(InterceptionAnnotations.OutboundRanges, "10.0.0.1", "'10.0.0.1' is not a CIDR block")]
    [InlineData(InterceptionAnnotations.OutboundInclusions, "10.0.0.0/8,", "'' is not a CIDR block")]
    public void What_cannot_be_read_is_reported_with_its_place(string annotation, string value, string message)
    {
        var diagnostics = new List<Diagnostic>();

        InterceptionAnnotations.Read(Objects.Pod("shop", "cart").With(annotation, value), InterceptionOptions.Everything, diagnostics);

        var diagnostic = Assert.Single(diagnostics);
        Assert.Equal($"metadata.annotations[{annotation}]", diagnostic.Field);
        Assert.StartsWith(message, diagnostic.Message, StringComparison.Ordinal);
        Assert.Equal("Pod shop/cart", diagnostic.Object.ToString());
    }
}
