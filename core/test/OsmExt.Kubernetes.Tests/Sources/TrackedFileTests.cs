using OsmExt.Kubernetes.Sources;
using OsmExt.Kubernetes.Tests.Manifests;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.Kubernetes.Tests.Sources;

/// <summary>What a change of permissions does, which root, who runs tests, does not notice.</summary>
public sealed class TrackedFileTests
{
    private static readonly FileStamp Stamp = new("a.yaml", "/m/a.yaml", "/m/a.yaml", 1, 1);
    private static readonly Diagnostic Denied = new(DiagnosticCodes.Unreadable, Severity.Error, null, "", "Access is denied", "Make it readable", new("a.yaml"));

    [Fact]
    public void A_file_access_to_which_is_denied_is_tried_again_though_it_looks_the_same()
    {
        var file = new TrackedFile("a.yaml");
        file.Accept(Stamp, new(Manifest.Service("one"), null), isReplaced: true, (0, 0));
        Assert.False(file.NeedsRetry);

        file.Accept(Stamp with { Written = 2 }, new(null, Denied, MayPass: true), isReplaced: true, (0, 0));
        Assert.True(file.NeedsRetry);
        Assert.True(file.Content.HasObjects);
        Assert.Equal([DiagnosticCodes.Unreadable, DiagnosticCodes.LastGoodKept], file.Diagnostics().Select(found => found.Code));

        file.Accept(Stamp with { Written = 2 }, new(Manifest.Service("one"), null), isReplaced: false, (0, 0));
        Assert.False(file.NeedsRetry);
        Assert.Empty(file.Diagnostics());
    }

    [Fact]
    public void A_file_that_is_no_file_is_not_tried_again()
    {
        var file = new TrackedFile("a.yaml");
        file.Accept(Stamp with { Problem = "It is a directory" }, new(null, Denied), isReplaced: false, (0, 0));

        Assert.False(file.NeedsRetry);
        Assert.Equal([DiagnosticCodes.Unreadable], file.Diagnostics().Select(found => found.Code));
    }

    [Theory]
    [InlineData(Touch.Written, null, false)]
    [InlineData(Touch.Placed, null, true)]
    [InlineData(Touch.Renamed, null, true)]
    [InlineData(null, null, false)]
    [InlineData(null, Touch.Renamed, true)]
    [InlineData(null, Touch.Placed, false)]
    [InlineData(Touch.Written, Touch.Renamed, false)]
    internal void Only_what_was_put_in_place_as_a_whole_is_whole(Touch? file, Touch? directory, bool isReplaced)
    {
        var touches = new Touches();
        if (directory is { } above)
        {
            touches.Add("/m", above, 1);
        }

        if (file is { } own)
        {
            touches.Add("/m/a.yaml", own, 2);
        }

        Assert.Equal(isReplaced, touches.IsReplaced(Stamp));
    }
}
