using Scriban;
using Scriban.Functions;
using Scriban.Parsing;
using Scriban.Runtime;
using Scriban.Syntax;

namespace OsmExt.PluginHost.Templates;

/// <summary>
/// Templates as a pure, bounded function: what is not defined is an error, values are written as JSON, and nothing outside the
/// model can be reached, neither files nor the clock nor chance.
/// </summary>
internal sealed class JsonTemplateContext : TemplateContext
{
    private static readonly ScriptObject Functions = Pure();
    private readonly long _mostAllocated;

    public JsonTemplateContext(TemplateLimits limits, TemplateOutput output)
        : base(Functions)
    {
        StrictVariables = true;
        EnableRelaxedMemberAccess = EnableRelaxedTargetAccess = EnableRelaxedFunctionAccess = EnableRelaxedIndexerAccess = false;
        (LoopLimit, RecursiveLimit, LimitToString, ObjectRecursionLimit) = (limits.Loops, limits.Recursion, limits.Output, limits.Recursion);
        _mostAllocated = GC.GetAllocatedBytesForCurrentThread() + limits.Allocated;
        RegexTimeOut = TimeSpan.FromSeconds(1);
        TemplateLoader = null;
        MemberFilter = static _ => false;
        output.Line = () => CurrentSpan.Start.Line + 1;
        PushOutput(output);
    }

    // Every step comes by here, and none by itself can make more than a text of the limit's length.
    public override object? Evaluate(ScriptNode? scriptNode, bool aliasReturnedFunction)
        => GC.GetAllocatedBytesForCurrentThread() <= _mostAllocated
            ? base.Evaluate(scriptNode, aliasReturnedFunction)
            : throw new TemplateFailure("It takes too much memory", CurrentSpan.Start.Line + 1);

    public override TemplateContext Write(SourceSpan span, object? textAsObject)
    {
        try
        {
            Write(TemplateJson.Write(textAsObject));
            return this;
        }
        catch (InvalidOperationException failure)
        {
            throw new TemplateFailure(failure.Message, span.Start.Line + 1);
        }
    }

    private static ScriptObject Pure()
    {
        var math = new MathFunctions();
        math.Remove("random");
        math.Remove("uuid");
        var objects = new ObjectFunctions();
        objects.Remove("eval");
        objects.Remove("eval_template");
        var all = new ScriptObject
        {
            ["array"] = new ArrayFunctions(),
            ["math"] = math,
            ["object"] = objects,
            ["regex"] = new RegexFunctions(),
            ["string"] = new StringFunctions(),
        };
        foreach (var functions in all.Values.Cast<ScriptObject>())
        {
            functions.IsReadOnly = true;
        }

        all.IsReadOnly = true;
        return all;
    }
}
